import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import type { LocalQueries } from '../../../sinks/local/queries.ts'
import { newDir } from './events.ts'
import { openReader, openStore } from './in-process.ts'
import { linesPerBatch, numberedBatch } from './numbered-batch.ts'

const writer = new URL('./write-until-killed.ts', import.meta.url).pathname

function startWriter(dir: string, command: readonly string[] = []) {
  const [program, ...parameters] = [...command, process.execPath, writer, dir]
  const child = spawn(program!, parameters, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
}

const next = async (lines: AsyncIterator<string>): Promise<string> => {
  const { value, done } = await lines.next()
  if (done) throw new Error('the writer ended')
  return value
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** How many times each line is stored, by its text. */
async function storedLines(queries: LocalQueries): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  let cursor: string | undefined
  do {
    const page = await queries.logs({ limit: 1000, ...(cursor !== undefined && { cursor }) })
    for (const { message } of page.logs) counts.set(message, (counts.get(message) ?? 0) + 1)
    cursor = page.next
  } while (cursor !== undefined)
  return counts
}

test('kill -9 while writing: rows and cursor agree exactly, nothing acknowledged is lost, a replay doubles nothing', async () => {
  const dir = newDir()
  for (const batches of [1, 12]) {
    const { child, lines } = startWriter(dir)
    let acknowledged = 0
    for (let i = 0; i < batches; i++) acknowledged = Number(await next(lines))
    await kill(child)

    const store = openStore({ dir })
    const offset = store.cursor(0)?.offset ?? 0
    expect(offset).toBeGreaterThanOrEqual(acknowledged)
    const counts = await storedLines(openReader(dir))
    expect(counts.size).toBe(offset * linesPerBatch)
    expect(new Set(counts.values())).toEqual(new Set([1]))
    expect(counts.has(`batch ${offset - 1} line ${linesPerBatch - 1}`)).toBe(true)

    for (let number = 0; number < offset + 2; number++) {
      const { events, through } = numberedBatch(number)
      expect(store.write(events, through)).toBe(number < offset ? linesPerBatch : 0)
    }
    store.close()
  }
})

// Only Linux can change the limit of a running process.
test.skipIf(process.platform !== 'linux')(
  'a full disk stops the writing with an error that may pass, and it goes on when there is room',
  async () => {
    const dir = newDir()
    // The limit of a file's size stands in for the disk: the same write fails at the same place, with EFBIG.
    const { child, lines } = startWriter(dir, ['prlimit', '--fsize=1500000:', '--'])
    let line = ''
    let acknowledged = 0
    while (line !== 'SINK_UNAVAILABLE') {
      line = await next(lines)
      if (line !== 'SINK_UNAVAILABLE') acknowledged = Number(line)
    }
    execFileSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited:'])
    while (line === 'SINK_UNAVAILABLE') line = await next(lines)
    expect(Number(line)).toBe(acknowledged + 1)
    await kill(child)

    const offset = openStore({ dir }).cursor(0)?.offset ?? 0
    const counts = await storedLines(openReader(dir))
    expect(counts.size).toBe(offset * linesPerBatch)
    expect(new Set(counts.values())).toEqual(new Set([1]))
  }
)
