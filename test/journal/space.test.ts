import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { emptyNote } from '../../src/journal/cursors.ts'
import type { DiskOptions } from '../../src/journal/disk-options.ts'
import { openDisk, rejection } from './open-disk.ts'
import { appendAll, readAll, recordOf, recordsOf } from './records.ts'

const frame = 'x'.repeat(60_000)

/** Segments of two records each, and room for about 16 records. */
const openSmall = (options: Partial<DiskOptions> = {}) =>
  openDisk({ maxBytes: 2 ** 20, segmentBytes: 2 ** 17, ...options })

/** Nobody waits for it: both clocks go on. */
function passTime(ms: number): void {
  const passed = performance.now() + ms
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms })
  vi.spyOn(performance, 'now').mockReturnValue(passed)
  onTestFinished(() => void vi.useRealTimers())
}

async function fill(journal: Awaited<ReturnType<typeof openSmall>>['journal']): Promise<number> {
  for (let i = 0; i < 100; i++) if ((await rejection(journal.append(0, recordOf(frame)))) !== 'resolved') return i
  throw new Error('it is never full')
}

test('a segment goes when every configured lane has committed it', async () => {
  const { journal } = await openSmall({ repeatMs: '15m', lanes: [{ name: 'es' }, { name: 'influx' }] })
  for (let i = 0; i < 5; i++) await journal.append(0, recordOf(frame))
  const { end } = journal.ends()[0]!
  journal.committed('es', 0, end)
  expect(journal.ends()[0]?.oldest).toBe(0)
  journal.committed('influx', 0, end)
  expect(journal.ends()[0]?.oldest).toBeGreaterThan(0)
  expect(journal.ends()[0]?.oldest).toBeLessThan(end)
})

test('a segment with POSTs is kept for repeatMs, so that repeated ones are recognised after a restart', async () => {
  const { dir, journal } = await openSmall({ repeatMs: '15m', lanes: [{ name: 'es' }] })
  await journal.append(0, recordOf(frame, { kind: 'post' }))
  for (let i = 0; i < 4; i++) await journal.append(0, recordOf(frame))
  const { end } = journal.ends()[0]!
  journal.committed('es', 0, end)
  expect(journal.ends()[0]?.oldest).toBe(0)
  await journal.stop()
  const again = await openSmall({ dir, repeatMs: '15m', lanes: [{ name: 'es' }] })
  await again.journal.append(0, recordOf(frame))
  again.journal.committed('es', 0, end)
  expect(again.journal.ends()[0]?.oldest).toBe(0)
  passTime(16 * 60_000)
  again.journal.committed('es', 0, end)
  expect(again.journal.ends()[0]?.oldest).toBeGreaterThan(0)
})

/** A journal of ten segments, all of which its lane has committed. */
async function openRetaining(options: Partial<DiskOptions>) {
  const opened = await openSmall({ lanes: [{ name: 'es' }], repeatMs: 0, maxBytes: 2 ** 24, ...options })
  await appendAll(opened.journal, Array<string>(20).fill(frame))
  opened.journal.committed('es', 0, opened.reader.bounds(0).end)
  return opened
}

const segmentsIn = async (dir: string): Promise<number> => (await readdir(join(dir, 'journal', '0'))).length

test('what every lane has committed stays for retainMs, also over a restart, and can be read', async () => {
  const { dir, journal, reader } = await openRetaining({ retainMs: '1h' })
  const { receiptTime } = (await recordsOf(reader))[0]!
  const { bytes, retainedBytes, partitions } = journal.status()
  expect(partitions).toEqual([{ partition: 0, oldest: 0, end: reader.bounds(0).end, since: receiptTime }])
  expect(retainedBytes).toBeGreaterThan(0.85 * bytes) // not the segment that is being written
  expect(retainedBytes).toBeLessThan(bytes)
  await journal.stop()
  await reader.commit('es', { partition: 0, offset: reader.bounds(0).end }, emptyNote)

  const again = await openSmall({ dir, lanes: [{ name: 'es' }], maxBytes: 2 ** 24, repeatMs: 0, retainMs: '1h' })
  again.journal.committed('es', 0, reader.bounds(0).end)
  expect(again.journal.status()).toMatchObject({ bytes, retainedBytes, partitions })
  expect(await readAll(again.reader)).toHaveLength(20)
  passTime(61 * 60_000)
  again.journal.committed('es', 0, reader.bounds(0).end)
  expect(again.journal.status()).toMatchObject({ retainedBytes: 0 })
  await again.journal.stop()
  expect(await segmentsIn(dir)).toBe(1)
})

test('no more than retainBytes stays; the oldest goes first', async () => {
  const { journal, reader } = await openRetaining({ retainMs: '1h', retainBytes: 300_000 })
  const { retainedBytes, partitions } = journal.status()
  expect(retainedBytes).toBeGreaterThan(150_000)
  expect(retainedBytes).toBeLessThanOrEqual(300_000)
  reader.advance(journal.ends()[0]!)
  expect(await readAll(reader)).toHaveLength(20 - partitions[0]!.oldest / recordOf(frame).length)
})

test('retainBytes takes nothing that is kept for repeated POSTs', async () => {
  const { journal } = await openSmall({ lanes: [{ name: 'es' }], retainMs: '1h', retainBytes: 0, maxBytes: 2 ** 24 })
  await journal.append(0, recordOf(frame, { kind: 'post' }))
  await appendAll(journal, Array<string>(10).fill(frame))
  journal.committed('es', 0, journal.ends()[0]!.end)
  expect(journal.ends()[0]?.oldest).toBe(0)
})

test('what is kept for replays goes, the oldest first, when new records need its space', async () => {
  const { journal, reader } = await openRetaining({ retainMs: '365d', maxBytes: 2 ** 21 })
  const { oldest } = reader.bounds(0)
  await fill(journal)
  const { bytes, maxBytes, retainedBytes, partitions } = journal.status()
  expect(bytes).toBeLessThanOrEqual(maxBytes)
  expect(retainedBytes).toBe(0)
  expect(partitions[0]!.oldest).toBeGreaterThan(oldest)
})

test('a jump of the clock to the future, while it runs, takes nothing before its time', async () => {
  const { journal, reader } = await openRetaining({ retainMs: '1h' })
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * 365 * 864e5 })
  onTestFinished(() => void vi.useRealTimers())
  journal.committed('es', 0, reader.bounds(0).end)
  expect(journal.ends()[0]!.oldest).toBe(0)
})

test('what was received in a future that the clock has left is not kept for ever, neither live nor after a restart', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * 365 * 864e5 })
  const { dir, journal, reader } = await openRetaining({ retainMs: '1h' })
  vi.useRealTimers()
  const { end } = reader.bounds(0)
  await journal.stop()
  const again = await openSmall({ dir, lanes: [{ name: 'es' }], maxBytes: 2 ** 24, retainMs: '1h', repeatMs: 0 })
  await appendAll(again.journal, ['now'])
  again.journal.committed('es', 0, end)
  expect(again.journal.ends()[0]!.oldest).toBe(0)
  passTime(61 * 60_000)
  again.journal.committed('es', 0, end)
  expect(again.journal.ends()[0]!.oldest).toBe(end)
})

test('what is kept only for repeated POSTs goes when its space is needed', async () => {
  const { journal } = await openSmall({ repeatMs: '15m', lanes: [{ name: 'es' }] })
  for (let i = 0; i < 50; i++) {
    await journal.append(0, recordOf(frame, { kind: 'post' }))
    journal.committed('es', 0, journal.ends()[0]!.end)
  }
  expect(journal.ends()[0]?.oldest).toBeGreaterThan(0)
  expect(journal.status().bytes).toBeLessThanOrEqual(2 ** 20)
})

test('a lane that waits keeps the journal full; a cursor without a configured lane holds nothing back', async () => {
  const lanes = [{ name: 'es', whenFull: 'wait' as const }]
  const { dir, journal, reader } = await openSmall({ lanes })
  await reader.commit('local', { partition: 0, offset: 0 }, emptyNote)
  const kept = await fill(journal)
  expect(kept).toBeGreaterThan(10)
  expect((await readAll(reader)).length).toBe(kept)
  await journal.stop()
  const again = await openSmall({ dir, lanes: [] })
  await again.journal.append(0, recordOf(frame))
})

test('a lane that may skip is asked to give up the oldest segment, and the journal goes on when it has', async () => {
  const { journal, reader } = await openSmall({ lanes: [{ name: 'es', whenFull: 'skip' }, { name: 'influx' }] })
  const asked: unknown[] = []
  journal.onSkip((lane, partition, to) => asked.push({ lane, partition, to }))
  await fill(journal)
  expect(asked).toEqual([])
  journal.committed('influx', 0, reader.bounds(0).end)
  await rejection(journal.append(0, recordOf(frame)))
  await rejection(journal.append(0, recordOf(frame)))
  expect(asked).toEqual([{ lane: 'es', partition: 0, to: expect.any(Number) }])
  const { to } = asked[0] as { to: number }
  journal.committed('es', 0, to)
  await journal.append(0, recordOf(frame))
  expect(reader.bounds(0).oldest).toBe(to)
})

test('a reader that was overtaken goes on at the oldest record', async () => {
  const { journal, reader } = await openSmall({ repeatMs: 0, lanes: [] })
  const entries = reader.read(0, 0, new AbortController().signal)[Symbol.asyncIterator]()
  onTestFinished(() => void entries.return?.())
  await journal.append(0, recordOf(frame))
  await entries.next()
  for (let i = 0; i < 40; i++) await journal.append(0, recordOf(frame))
  const { oldest } = reader.bounds(0)
  expect(oldest).toBeGreaterThan(0)
  const { value } = await entries.next()
  expect('record' in value && value.record.position).toBe(oldest)
})

test('a record larger than the bound is taken when everything is committed, so that nothing waits for ever', async () => {
  const { journal, reader } = await openSmall({ lanes: [{ name: 'es' }] })
  await journal.append(0, recordOf('x'.repeat(2_000_000)))
  expect(await rejection(journal.append(0, recordOf('small')))).toMatchObject({ code: 'JOURNAL_FULL' })
  journal.committed('es', 0, reader.bounds(0).end)
  await journal.append(0, recordOf('small'))
})

test('cursors of an earlier process count', async () => {
  const lanes = [{ name: 'es' }]
  const { dir, journal, reader } = await openSmall({ lanes })
  await fill(journal)
  await reader.commit('es', { partition: 0, offset: reader.bounds(0).end }, emptyNote)
  await journal.stop()
  const again = await openSmall({ dir, lanes })
  await again.journal.append(0, recordOf(frame))
  expect(again.journal.status().state).toBe('ok')
})

test('what failed writes left behind is cut off, so that it takes no space', async () => {
  let failing = false
  const { dir, journal } = await openDisk({}, () => (failing ? Promise.reject(new Error('EIO')) : Promise.resolve()))
  await appendAll(journal, ['good'])
  failing = true
  for (let i = 0; i < 3; i++) await rejection(journal.append(0, recordOf(frame)))
  failing = false
  await appendAll(journal, ['good'])
  const directory = join(dir, 'journal', '0')
  const sizes = (await readdir(directory)).map(async name => (await stat(join(directory, name))).size)
  expect((await Promise.all(sizes)).reduce((sum, size) => sum + size)).toBe(journal.status().bytes)
})

test('a reader that knows a segment which is gone goes on at the oldest record', async () => {
  const { journal, reader } = await openSmall({ repeatMs: 0, lanes: [{ name: 'es' }] })
  for (let i = 0; i < 10; i++) await journal.append(0, recordOf(frame))
  expect((await readAll(reader)).length).toBe(10)
  const aborting = new AbortController()
  const entries = reader.read(0, 0, aborting.signal)[Symbol.asyncIterator]()
  journal.committed('es', 0, reader.bounds(0).end)
  const { oldest } = journal.ends()[0]!
  expect(oldest).toBeGreaterThan(0)
  await journal.stop()
  const { value } = await entries.next()
  expect('record' in value && value.record.position).toBe(oldest)
})
