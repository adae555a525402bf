import { appendFile, rename, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createDeadLetterCounts } from '../../src/dead-letters/counts.ts'
import { createDeadLetters } from '../../src/dead-letters.ts'
import { openLetters } from './letters.ts'

async function subject() {
  const letters = await openLetters()
  const { dir, reader } = letters
  const count = createDeadLetterCounts(dir)
  await expect.poll(async () => (await count.counts()).length === 0).toBe(true)
  return {
    ...letters,
    count,
    /** [lane, letters, files] */
    counts: async () => (await count.counts()).map(({ lane, letters: waiting, files }) => [lane, waiting, files]),
    /** Marks the newest letter as put back. */
    async settleNewest(): Promise<void> {
      const { letters: [letter] } = await reader.list({ limit: 1 }) // biome-ignore format: one line
      const [file] = await letters.files()
      const lines = await letters.lines(file!)
      const start = Buffer.byteLength(lines.slice(0, -1).map(line => `${line}\n`).join('')) // biome-ignore format: one line
      await createDeadLetters({ dir, lane: letter!.lane }).settle([{ file: file!, start, at: letter!.at }])
    }
  }
}

test('letters, files and bytes of each lane, as they come', async () => {
  const { count, counts, give, folder, files } = await subject()
  await count.counts()
  expect(await counts()).toEqual([])
  await give('es', 'no', 'one', 'x'.repeat(3 * 2 ** 20))
  await give('influxdb', 'no', 'two')
  expect(await counts()).toEqual([
    ['es', 2, 1],
    ['influxdb', 1, 1]
  ])
  await give('es', 'no', 'three')
  expect((await counts())[0]).toEqual(['es', 3, 1])
  const [{ bytes } = { bytes: 0 }] = await count.counts()
  expect(bytes).toBeGreaterThan(3 * 2 ** 20)
  await rename(join(folder, (await files())[0]!), join(folder, 'moved'))
  expect(await counts()).toEqual([['influxdb', 1, 1]])
})

test('a torn line is counted when it is whole, and not twice', async () => {
  const { count, counts, give, folder, files } = await subject()
  await count.counts()
  await give('es', 'no', 'one')
  const path = join(folder, (await files())[0]!)
  await appendFile(path, '{"putBack":0,"at":"2026-11-24T04:30:0')
  expect(await counts()).toEqual([['es', 1, 1]])
  await give('es', 'no', 'two') // cuts it off
  expect(await counts()).toEqual([['es', 2, 1]])
  await truncate(path, 0)
  expect(await counts()).toEqual([['es', 0, 1]])
})

test('a line that begins at the edge of a window is counted, and keeps its file', async () => {
  const { counts, folder, dir, give } = await subject()
  await give('es', 'no', 'one')
  const done = (length: number) => `{"putBack":1,"at":"${'x'.repeat(length - 22)}"}\n`
  for (const short of [1, 5, 18, 19]) {
    const path = join(folder, 'edge.2026-11-24.1.ndjson')
    await writeFile(path, `${done(2 ** 20 - short)}{"putBack":0,"at":"2026-11-24T04:30:00.000Z"}\n${done(100)}`)
    const fresh = createDeadLetterCounts(dir)
    await fresh.counts()
    await expect.poll(async () => (await fresh.counts()).map(({ letters }) => letters)).toEqual([1, 1])
    expect(await createDeadLetters({ dir, lane: 'edge' }).sweep()).toBe(0)
    await writeFile(path, done(2 ** 20 - short) + done(100))
    expect(await createDeadLetters({ dir, lane: 'edge' }).sweep()).toBe(1)
  }
  expect(await counts()).toEqual([['es', 1, 1]])
})

test('a file that ends in a torn line stays', async () => {
  const { folder, dir, give, files, settleNewest } = await subject()
  await give('es', 'no', 'one')
  await settleNewest()
  await appendFile(join(folder, (await files())[0]!), '{"putBack":1,"at":"2026-11-24T04:3')
  expect(await createDeadLetters({ dir, lane: 'es' }).sweep()).toBe(0)
})

test('what cannot be read is told as before', async () => {
  const { count, counts, folder, dir, give } = await subject()
  await give('es', 'no', 'one')
  expect(await counts()).toEqual([['es', 1, 1]])
  await rename(folder, join(dir, 'moved'))
  await writeFile(folder, 'in the way')
  expect((await count.counts()).map(({ letters }) => letters)).toEqual([1])
})

test('what is put back is not counted any more', async () => {
  const { count, counts, give, settleNewest } = await subject()
  await count.counts()
  await give('es', 'no', 'one', 'two')
  expect(await counts()).toEqual([['es', 2, 1]])
  await settleNewest()
  count.forget()
  expect(await counts()).toEqual([['es', 1, 1]])
})
