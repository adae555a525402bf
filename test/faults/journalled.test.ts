import { appendFileSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDisk } from '../journal/open-disk.ts'
import { appendAll, recordOf } from '../journal/records.ts'
import { createRandom } from '../traffic/random.ts'
import { createFrames, numbersIn } from './frames.ts'
import { createJournalReader } from './journalled.ts'

const startMicros = 1_790_000_000_000_000
const linesOf = (count: number): string[] => {
  const frames = createFrames(createRandom(1), startMicros)
  return Array.from({ length: count }, () => frames.next().bytes.toString('latin1'))
}
const numbersOf = ({ read }: ReturnType<typeof createJournalReader>) =>
  read().flatMap(frames => numbersIn(frames, startMicros))

test('every frame that the journal has synced is read once, over several segments', async () => {
  const { dir, journal } = await openDisk({ segmentBytes: 65_536 })
  const reader = createJournalReader(dir)
  const lines = linesOf(800)
  await appendAll(journal, lines.slice(0, 500))
  expect(numbersOf(reader)).toEqual(lines.slice(0, 500).map((_, i) => i + 1))
  await appendAll(journal, lines.slice(500))
  expect(numbersOf(reader)).toEqual(lines.slice(500).map((_, i) => i + 501))
  expect(globSync(join(dir, 'journal', '0', '*.segment')).length).toBeGreaterThan(2)
})

test('a torn write is none of it', async () => {
  const { dir, journal } = await openDisk()
  const lines = linesOf(3)
  await appendAll(journal, lines.slice(0, 2))
  const torn = recordOf(lines[2]!)
  appendFileSync(globSync(join(dir, 'journal', '0', '*.segment'))[0]!, torn.subarray(0, torn.length - 1))
  expect(numbersOf(createJournalReader(dir))).toEqual([1, 2])
})

test('what lies behind the end that the next segment knows is none of it', async () => {
  const { dir, journal } = await openDisk({ segmentBytes: 65_536 })
  await appendAll(journal, linesOf(500))
  const first = globSync(join(dir, 'journal', '0', '*.segment')).sort()[0]!
  const records = readFileSync(first).subarray(64)
  appendFileSync(first, records) // whole, as after a write that was rejected because its sync failed
  expect(numbersOf(createJournalReader(dir))).toEqual(Array.from({ length: 500 }, (_, i) => i + 1))
})
