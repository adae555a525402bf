import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { damagedDirectory, maxCopies, maxCopyBytes } from '../../src/journal/damaged-bytes.ts'
import { segmentHeaderBytes, segmentName } from '../../src/journal/segment.ts'
import { openDisk } from './open-disk.ts'
import { appendAll, count, readAll, recordsOf } from './records.ts'

/** A stopped journal with these frames, of which those at `places` are damaged, and the bytes that are there instead. */
async function damagedJournal(frames: readonly string[], places: readonly number[]) {
  const { dir, journal, reader } = await openDisk()
  await appendAll(journal, frames)
  const spans = (await recordsOf(reader)).map(({ position, nextPosition }) => [position, nextPosition] as const)
  await journal.stop()
  const path = join(dir, 'journal', '0', segmentName(0))
  const file = await readFile(path)
  const bad = places.map(place => {
    const [from, to] = spans[place]!
    file[segmentHeaderBytes + to - 1]! ^= 1
    return {
      partition: 0,
      position: from,
      bytes: to - from,
      content: file.subarray(segmentHeaderBytes + from, segmentHeaderBytes + to)
    }
  })
  await writeFile(path, file)
  return { dir, bad }
}

test('of a damaged stretch a copy is kept that only its owner may read; it is said, and counted once', async () => {
  const { dir, bad } = await damagedJournal(count(5), [2])
  const { content, ...stretch } = bad[0]!
  const copy = join(damagedDirectory(dir), `0.${String(stretch.position).padStart(16, '0')}.bytes`)
  for (let starts = 0; starts < 2; starts++) {
    const { journal, reader, damage, stretches } = await openDisk({ dir })
    expect(await readAll(reader)).toEqual(count(5).toSpliced(2, 1))
    await readAll(reader)
    expect(stretches).toEqual([{ ...stretch, copy }])
    expect(damage.map(({ message }) => message)).toEqual([
      `${stretch.bytes} bytes at position ${stretch.position} of partition 0 are no whole record and were skipped; a copy is in ${copy}.`
    ])
    for (let times = 0; times < 2; times++) journal.damaged(stretches[0]!)
    expect(journal.status().damaged).toEqual({ stretches: 1, bytes: stretch.bytes, copies: 1 })
    await journal.stop()
  }
  expect(await readFile(copy)).toEqual(content)
  expect((await stat(copy)).mode & 0o777).toBe(0o600)
  expect(await readdir(damagedDirectory(dir))).toHaveLength(1)
})

test('of a large stretch the beginning is kept', async () => {
  const { dir, bad } = await damagedJournal(['a', 'x'.repeat(2 * maxCopyBytes), 'b'], [1])
  const { reader, stretches } = await openDisk({ dir })
  expect(await readAll(reader)).toEqual(['a', 'b'])
  expect(stretches.map(({ bytes }) => bytes)).toEqual([bad[0]!.bytes])
  expect(await readFile(stretches[0]!.copy!)).toEqual(bad[0]!.content.subarray(0, maxCopyBytes))
})

test('no more copies are kept than the bound, and reading goes on', async () => {
  const frames = count(2 * maxCopies + 3)
  const places = [...frames.keys()].filter(place => place % 2 === 1)
  const { dir } = await damagedJournal(frames, places)
  const { reader, stretches, journal } = await openDisk({ dir })
  expect(await readAll(reader)).toEqual(frames.filter((_, place) => place % 2 === 0))
  expect(stretches).toHaveLength(maxCopies + 1)
  expect(stretches.at(-1)).toMatchObject({ problem: `there are ${maxCopies} copies already` })
  expect(await readdir(damagedDirectory(dir))).toHaveLength(maxCopies)
  for (const stretch of stretches) journal.damaged(stretch)
  expect(journal.status().damaged).toMatchObject({ stretches: maxCopies + 1, copies: maxCopies })
})

test('a copy that cannot be written holds up nothing', async () => {
  const { dir } = await damagedJournal(count(3), [1])
  await writeFile(damagedDirectory(dir), 'in the way')
  const { reader, stretches, damage } = await openDisk({ dir })
  expect(await readAll(reader)).toEqual(count(3).toSpliced(1, 1))
  expect(stretches[0]).toMatchObject({ problem: expect.stringMatching(/EEXIST|ENOTDIR/) })
  expect(damage[0]?.message).toMatch(/no copy was kept: E/)
})
