import { cp, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptyNote } from '../../src/journal/cursors.ts'
import { createDiskJournal } from '../../src/journal/disk.ts'
import { recoverPartition } from '../../src/journal/recover.ts'
import { findRecords, sealRecord } from '../../src/journal/seal.ts'
import { segmentHeaderBytes, segmentName } from '../../src/journal/segment.ts'
import { createDirectory, openDisk, rejection } from './open-disk.ts'
import { appendAll, count, readAll, recordOf, recordsOf } from './records.ts'

/** A stopped journal with these frames in one segment. */
async function journalOf(frames: readonly string[]) {
  const { dir, journal, reader } = await openDisk()
  await appendAll(journal, frames)
  const positions = (await recordsOf(reader)).map(record => record.position)
  await journal.stop()
  return { dir, positions, file: join(dir, 'journal', '0', segmentName(0)) }
}

test('a tail torn at any byte of the last record is cut, and nothing else', async () => {
  const { file, positions } = await journalOf(['one', 'two', 'the last one'])
  const whole = await readFile(file)
  const directory = await createDirectory()
  const last = segmentHeaderBytes + positions[2]!
  for (let length = last; length < whole.length; length++) {
    await writeFile(join(directory, segmentName(0)), whole.subarray(0, length))
    const { segments, damaged, tornBytes } = await recoverPartition(directory)
    expect({ end: segments[0]?.end, damaged, tornBytes }).toEqual({
      end: positions[2],
      damaged: 0,
      tornBytes: length - last
    })
  }
})

test('behind a torn tail the journal goes on, and its offsets do not go back', async () => {
  const { dir, file, positions } = await journalOf(['one', 'two', 'torn'])
  await truncate(file, (await readFile(file)).length - 5)
  const { journal, reader, recovery } = await openDisk({ dir })
  expect(recovery).toEqual({ damaged: 0, tornBytes: expect.any(Number) })
  expect(recovery.tornBytes).toBeGreaterThan(0)
  await appendAll(journal, ['three'])
  expect(await readAll(reader)).toEqual(['one', 'two', 'three'])
  expect((await recordsOf(reader)).at(-1)!.position).toBe(positions[2])
})

test('a damaged record in the middle is skipped and counted, at start and when it is read', async () => {
  const { dir, file, positions } = await journalOf(count(5))
  const bytes = await readFile(file)
  bytes[segmentHeaderBytes + positions[2]! + 70]! ^= 1
  await writeFile(file, bytes)
  const { reader, recovery, damage } = await openDisk({ dir })
  expect(recovery).toEqual({ damaged: 1, tornBytes: 0 })
  expect(await readAll(reader)).toEqual(count(5).toSpliced(2, 1))
  await readAll(reader)
  expect(damage.map(({ code }) => code)).toEqual(['RECORD_DAMAGED'])
})

test('wherever bytes are damaged, and however they are read, the records that they are not in are found', () => {
  const records = count(12).map((text, i) => recordOf(text.repeat(i * 9)))
  const starts: number[] = []
  let position = 1_000_000
  for (const record of records) {
    sealRecord(record, position, 5)
    starts.push(position - 1_000_000)
    position += record.length
  }
  const whole = Buffer.concat(records)
  const damages = fc.array(fc.record({ at: fc.nat(whole.length - 1), xor: fc.integer({ min: 1, max: 255 }) }), {
    maxLength: 4
  })
  fc.assert(
    fc.property(damages, fc.integer({ min: 1, max: 3000 }), (damage, size) => {
      const bytes = Buffer.from(whole)
      for (const { at, xor } of damage) bytes[at]! ^= xor
      const found: Buffer[] = []
      for (let at = 0, wanted = size; at < bytes.length; ) {
        const chunk = findRecords(bytes.subarray(at, at + wanted), 1_000_000 + at, 1_000_000 + bytes.length)
        found.push(...chunk.records)
        at = chunk.next - 1_000_000
        wanted = Math.max(size, chunk.wanted)
      }
      const good = records.filter((record, i) => record.equals(bytes.subarray(starts[i]!, starts[i]! + record.length)))
      return Buffer.concat(found).equals(Buffer.concat(good))
    })
  )
})

test('a segment of another version stops the start, and stays', async () => {
  const { dir, file } = await journalOf(['one'])
  const bytes = await readFile(file)
  bytes.writeUInt32LE(1, 4)
  await writeFile(file, bytes)
  expect(await rejection(createDiskJournal({ dir }).open())).toMatchObject({ code: 'JOURNAL_VERSION' })
  expect(await readFile(file)).toEqual(bytes)
})

test('a damaged segment header costs no record', async () => {
  const { dir, file } = await journalOf(['one'])
  const again = await openDisk({ dir })
  await appendAll(again.journal, ['two'])
  await again.journal.stop()
  const second = (await readdir(join(file, '..'))).at(-1)!
  for (const name of [segmentName(0), second]) {
    const bytes = await readFile(join(file, '..', name))
    bytes[20]! ^= 1
    await writeFile(join(file, '..', name), bytes)
  }
  const { reader, recovery } = await openDisk({ dir })
  expect(recovery.damaged).toBe(2)
  expect(await readAll(reader)).toEqual(['one', 'two'])
})

test('an unfinished new file is removed', async () => {
  const { dir, file } = await journalOf(['one'])
  await writeFile(`${file}.new`, 'half')
  const { reader } = await openDisk({ dir })
  expect(await readAll(reader)).toEqual(['one'])
  expect(await readdir(join(dir, 'journal', '0'))).toEqual([segmentName(0)])
})

test('starting again and again without a record makes no files', async () => {
  const { dir } = await journalOf(['one'])
  for (let i = 0; i < 3; i++) await (await openDisk({ dir })).journal.stop()
  expect(await readdir(join(dir, 'journal', '0'))).toEqual([segmentName(0)])
})

test('a journal that was deleted goes on behind every cursor, so that lanes read what is new', async () => {
  const { dir, journal, reader } = await openDisk()
  await appendAll(journal, count(5))
  const { end } = reader.bounds(0)
  await reader.commit('es', { partition: 0, offset: end }, { ...emptyNote, receiptTime: 4e12 })
  await journal.stop()
  await rm(join(dir, 'journal'), { recursive: true })
  const again = await openDisk({ dir })
  await appendAll(again.journal, ['new'])
  expect(await readAll(again.reader, 0, end)).toEqual(['new'])
  expect((await recordsOf(again.reader, 0, end))[0]!.receiptTime).toBeGreaterThanOrEqual(4e12)
})

test('a lane that stands behind the end, as after a lost journal, begins at the oldest record', async () => {
  const { journal, reader } = await openDisk()
  await appendAll(journal, ['one'])
  expect(await readAll(reader, 0, 1_000_000)).toEqual(['one'])
})

test('a damaged cursor is kept aside, and its lane begins at the oldest record, all of which it may have sent, until it commits', async () => {
  const { dir, journal, reader, damage } = await openDisk()
  await appendAll(journal, count(3))
  const { end } = reader.bounds(0)
  await reader.commit('es', { partition: 0, offset: end }, emptyNote)
  const path = join(dir, 'cursors', 'es.0.json')
  await writeFile(path, '{"version":1,"off')
  expect(await reader.cursor('es', 0)).toEqual({ offset: 0, note: { ...emptyNote, uncertainTo: end } })
  expect(await reader.cursor('es', 0)).toEqual({ offset: 0, note: { ...emptyNote, uncertainTo: end } })
  expect(damage[0]).toMatchObject({ code: 'CURSOR_DAMAGED', message: expect.stringContaining(path) })
  expect(await readFile(`${path}.damaged`, 'utf8')).toBe('{"version":1,"off')
  await journal.stop()
  await openDisk({ dir, lanes: [{ name: 'es' }] })
  await reader.commit('es', { partition: 0, offset: end }, emptyNote)
  expect(await reader.cursor('es', 0)).toEqual({ offset: end, note: emptyNote })
})

test('a cursor of another version stops the start', async () => {
  const dir = await createDirectory()
  await mkdir(join(dir, 'cursors'))
  await writeFile(join(dir, 'cursors', 'es.0.json'), '{"version":2}')
  expect(await rejection(createDiskJournal({ dir }).open())).toMatchObject({ code: 'JOURNAL_VERSION' })
})

test('partitions of an earlier configuration are read, and refuse what is new', async () => {
  const { dir, journal } = await openDisk({ partitions: 2 })
  await appendAll(journal, ['left behind'], 1)
  await journal.stop()
  const copy = await createDirectory()
  await cp(dir, copy, { recursive: true })
  const { journal: smaller, reader } = await openDisk({ dir: copy, partitions: 1 })
  expect(await readAll(reader, 1)).toEqual(['left behind'])
  expect(await rejection(smaller.append(1, recordOf('new')))).toBeInstanceOf(RangeError)
})
