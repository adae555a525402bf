import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createDeadLetterReader } from '../../src/dead-letters/reader.ts'
import { createDeadLetters, type DeadLettersOptions } from '../../src/dead-letters.ts'
import { appLine, eventsOf } from '../sinks/wire-events.ts'

/** A data directory with dead letters; gone with the test. */
export async function openLetters(options: Partial<DeadLettersOptions> = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'culvert-letters-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const folder = join(dir, 'dead-letters')
  const reader = createDeadLetterReader(dir)
  return {
    dir,
    folder,
    reader,
    files: async () => (await readdir(folder)).sort(),
    lines: async (file: string) => (await readFile(join(folder, file), 'utf8')).split('\n').slice(0, -1),
    /** Gives lines up, all of one reason; answers their ids. */
    async give(lane: string, reason: string, ...lines: readonly (string | Buffer)[]): Promise<string[]> {
      const events = eventsOf(lines.map(line => (typeof line === 'string' ? appLine(line) : line)))
      await createDeadLetters({ dir, ...options, lane }).append(events.map(event => ({ event, reason })))
      return events.map(({ id }) => id)
    },
    /** Texts of all that wait and fit, page by page. */
    async texts(filter: object = {}, limit = 100): Promise<string[]> {
      const all: string[] = []
      let cursor: string | undefined
      do {
        const page = await reader.list({ ...filter, limit, ...(cursor === undefined ? {} : { cursor }) })
        for (const { text } of page.letters) all.push(text)
        cursor = page.next
      } while (cursor !== undefined)
      return all
    }
  }
}
