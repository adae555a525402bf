import { expect, test } from 'vitest'
import { RecordView } from '../../src/core/record.ts'
import { createRepeats } from '../../src/journal/repeats.ts'
import { createDirectory, openDisk } from './open-disk.ts'
import { appendAll, count, readAll, recordOf, recordsOf, textOf } from './records.ts'
import { fileAt, flip, type Written, writeSegments } from './written.ts'

test('records are read across segments, from any of them', async () => {
  const { journal, reader } = await openDisk({ segmentBytes: 65_536 })
  const frames = count(200).map(text => text.padEnd(1000))
  await Promise.all(frames.map(frame => journal.append(0, recordOf(frame))))
  expect(journal.ends()[0]!.segment).toBeGreaterThan(0)
  expect(await readAll(reader)).toEqual(frames)
  const records = await recordsOf(reader)
  for (const i of [1, 60, 61, 62, 63, 199]) {
    expect(await readAll(reader, 0, records[i]!.position)).toEqual(frames.slice(i))
  }
})

test('when a record was received is told of any position, also where older ones were removed', async () => {
  const { journal, reader } = await openDisk({ segmentBytes: 65_536 })
  expect(await reader.receivedAt(0, 0)).toBeUndefined()
  await appendAll(
    journal,
    count(200).map(text => text.padEnd(1000))
  )
  const records = await recordsOf(reader)
  for (const i of [0, 61, 62, 199]) {
    expect(await reader.receivedAt(0, records[i]!.position)).toBe(records[i]!.receiptTime)
  }
  expect(await reader.receivedAt(0, reader.bounds(0).end)).toBeUndefined()
})

test('the first record of a time is found in whatever segment it is', async () => {
  const { journal, reader } = await openDisk({ segmentBytes: 65_536 })
  expect(await reader.positionAt(0, 0)).toBe(0)
  for (const part of ['a', 'b', 'c']) {
    await Promise.all(count(80, part).map(text => journal.append(0, recordOf(text.padEnd(1000)))))
    const { receiptTime } = (await recordsOf(reader)).at(-1)!
    while (Date.now() <= receiptTime) await new Promise(resolve => setTimeout(resolve, 1))
  }
  const records = await recordsOf(reader)
  const times = [...new Set(records.map(({ receiptTime }) => receiptTime))]
  expect(times.length).toBeGreaterThan(2)
  const firstAt = (time: number) => records.find(record => record.receiptTime >= time)?.position
  for (const time of [0, ...times, ...times.map(at => at + 1)]) {
    expect(await reader.positionAt(0, time)).toBe(firstAt(time) ?? reader.bounds(0).end)
  }
})

test('records larger than a read, and than a segment, are whole', async () => {
  const { journal, reader } = await openDisk({ segmentBytes: 65_536 })
  const frames = ['small', 'x'.repeat(1_500_000), 'small', 'y'.repeat(2_500_000), 'small']
  await appendAll(journal, frames)
  expect(await readAll(reader)).toEqual(frames)
})

test('a reader that reads while records are written sees each once, in order', async () => {
  const { journal, reader } = await openDisk({ segmentBytes: 65_536 })
  const appended = Promise.all(count(2000).map(frame => journal.append(0, recordOf(frame))))
  const seen: number[] = []
  for await (const entry of reader.read(0, 0, new AbortController().signal)) {
    if ('record' in entry) seen.push(entry.record.position)
    if (seen.length === 2000) break
  }
  await appended
  expect(seen).toEqual((await recordsOf(reader)).map(record => record.position))
})

test('a record keeps its bytes while others are read', async () => {
  const { journal, reader } = await openDisk()
  await appendAll(journal, count(3))
  const records = await recordsOf(reader)
  await appendAll(journal, count(3, 'later'))
  expect((await recordsOf(reader)).slice(0, 3).map(record => record.bytes)).toEqual(records.map(record => record.bytes))
})

test('a reader remembers the POSTs of earlier segments', async () => {
  const { journal, reader } = await openDisk({ segmentBytes: 65_536 })
  const id = Buffer.alloc(21, 7)
  const kind = 'post'
  await journal.append(0, recordOf('post', { id, kind }))
  await appendAll(
    journal,
    count(200).map(text => text.padEnd(1000))
  )
  const from = reader.bounds(0).end
  await journal.append(0, recordOf('post', { id, kind }))
  await journal.append(0, recordOf('last'))
  expect(await readAll(reader, 0, from)).toEqual(['last'])
})

test('a reader remembers the POSTs of 15 minutes wherever they lie, also where headers are damaged and over restarts', async () => {
  const dir = await createDirectory()
  const now = Date.now()
  const kind = 'post'
  const segments = count(40).map((frame, i): Written[] => [{ frame, receiptTime: now - (40 - i) * 60_000 }])
  for (const i of [5, 24, 26, 33]) segments[i]!.push({ frame: `post ${i}`, receiptTime: now - (40 - i) * 60_000, kind })
  const { positions, records } = writeSegments(dir, segments)
  for (const i of [12, 25, 27, 34]) flip(fileAt(dir, positions[i]![0]!), 20)
  const { journal, reader } = await openDisk({ dir })
  const between = recordOf('between', { kind })
  await journal.append(0, between)
  await journal.stop()
  const again = await openDisk({ dir })
  const from = again.journal.ends()[0]!.end
  const repeated = records.filter(record => new RecordView(record, 0).kind === kind)
  for (const record of [...repeated, between])
    await again.journal.append(0, recordOf('again', { id: record.subarray(43, 64), kind }))
  expect(await readAll(again.reader, 0, from)).toEqual(['again', 'again'])
  expect(await readAll(again.reader, 0, positions[39]![0]!)).toEqual(['frame 39', 'between', 'again', 'again'])
  await reader.stop()
})

test('a POST that comes again after 15 minutes of receipt time is a new one', () => {
  const repeats = createRepeats()
  expect(repeats.seen({ key: 'a', receiptTime: 0 })).toBe(false)
  expect(repeats.seen({ key: 'a', receiptTime: 900_000 })).toBe(true)
  expect(repeats.seen({ key: 'a', receiptTime: 1_800_001 })).toBe(false)
})

test('the memory of POSTs is bounded, and the oldest are forgotten first', () => {
  const repeats = createRepeats(900_000, 10)
  for (let i = 0; i < 25; i++) repeats.seen({ key: `post ${i}`, receiptTime: i })
  expect(repeats.seen({ key: 'post 24', receiptTime: 30 })).toBe(true)
  expect(repeats.seen({ key: 'post 15', receiptTime: 30 })).toBe(true)
  expect(repeats.seen({ key: 'post 0', receiptTime: 30 })).toBe(false)
})

test('a POST is doubtful where the one that it may repeat is gone with its segment', async () => {
  const { journal, reader } = await openDisk({ segmentBytes: 65_536, maxBytes: 2 ** 20 })
  const post = { id: Buffer.alloc(21, 7), kind: 'post' as const }
  await journal.append(0, recordOf('first', post))
  while (reader.bounds(0).oldest === 0) {
    await journal.append(0, recordOf('x'.repeat(10_000)))
    journal.committed('es', 0, reader.bounds(0).end)
  }
  const { oldest, end } = reader.bounds(0)
  await journal.append(0, recordOf('again', post))
  await journal.append(0, recordOf('other'))
  const entriesOf = async (from: number, given = reader): Promise<unknown[]> => {
    const entries: unknown[] = []
    for await (const entry of given.read(0, from, new AbortController().signal)) {
      if ('tick' in entry) return entries
      entries.push('record' in entry ? [textOf(entry.record), entry.doubtful] : 'repeated')
    }
    return entries
  }
  expect(oldest).toBeGreaterThan(0)
  expect(await entriesOf(end)).toEqual([
    ['again', true],
    ['other', undefined]
  ])
  const later = await openDisk()
  await later.journal.append(0, recordOf('first', post))
  expect(await entriesOf(0, later.reader)).toEqual([['first', false]])
})
