import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { emptyNote } from '../../src/journal/cursors.ts'
import type { DiskOptions } from '../../src/journal/disk-options.ts'
import { openDisk, rejection } from './open-disk.ts'
import { appendAll, readAll, recordOf } from './records.ts'

const frame = 'x'.repeat(60_000)

/** Segments of two records each, and room for about 16 records. */
const openSmall = (options: Partial<DiskOptions> = {}) =>
  openDisk({ maxBytes: 2 ** 20, segmentBytes: 2 ** 17, ...options })

async function fill(journal: Awaited<ReturnType<typeof openSmall>>['journal']): Promise<number> {
  for (let i = 0; i < 100; i++) if ((await rejection(journal.append(0, recordOf(frame)))) !== 'resolved') return i
  throw new Error('it is never full')
}

test('a segment goes when every configured lane has committed it', async () => {
  const { journal } = await openSmall({ retainMs: '15m', lanes: [{ name: 'es' }, { name: 'influx' }] })
  for (let i = 0; i < 5; i++) await journal.append(0, recordOf(frame))
  const { end } = journal.ends()[0]!
  journal.committed('es', 0, end)
  expect(journal.ends()[0]?.oldest).toBe(0)
  journal.committed('influx', 0, end)
  expect(journal.ends()[0]?.oldest).toBeGreaterThan(0)
  expect(journal.ends()[0]?.oldest).toBeLessThan(end)
})

test('a segment with POSTs is kept for retainMs, so that repeated ones are recognised after a restart', async () => {
  const { dir, journal } = await openSmall({ retainMs: '15m', lanes: [{ name: 'es' }] })
  await journal.append(0, recordOf(frame, { kind: 'post' }))
  for (let i = 0; i < 4; i++) await journal.append(0, recordOf(frame))
  const { end } = journal.ends()[0]!
  journal.committed('es', 0, end)
  expect(journal.ends()[0]?.oldest).toBe(0)
  await journal.stop()
  const again = await openSmall({ dir, retainMs: '15m', lanes: [{ name: 'es' }] })
  await again.journal.append(0, recordOf(frame))
  again.journal.committed('es', 0, end)
  expect(again.journal.ends()[0]?.oldest).toBe(0)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 16 * 60_000 })
  onTestFinished(() => void vi.useRealTimers())
  again.journal.committed('es', 0, end)
  expect(again.journal.ends()[0]?.oldest).toBeGreaterThan(0)
})

test('what is kept only for repeated POSTs goes when its space is needed', async () => {
  const { journal } = await openSmall({ retainMs: '15m', lanes: [{ name: 'es' }] })
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
  const { journal, reader } = await openSmall({ retainMs: 0 })
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
  const { journal, reader } = await openSmall({ retainMs: 0, lanes: [{ name: 'es' }] })
  for (let i = 0; i < 10; i++) await journal.append(0, recordOf(frame))
  expect((await readAll(reader)).length).toBe(10)
  const aborting = new AbortController()
  const entries = reader.read(0, 0, aborting.signal)[Symbol.asyncIterator]()
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1000 })
  onTestFinished(() => void vi.useRealTimers())
  journal.committed('es', 0, reader.bounds(0).end)
  const { oldest } = journal.ends()[0]!
  expect(oldest).toBeGreaterThan(0)
  await journal.stop()
  const { value } = await entries.next()
  expect('record' in value && value.record.position).toBe(oldest)
})
