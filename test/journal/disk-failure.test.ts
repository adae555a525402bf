import type { FileHandle } from 'node:fs/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startAppender } from './appender.ts'
import { createDirectory, openDisk, rejection } from './open-disk.ts'
import { appendAll, count, readAll, recordOf, recordsOf } from './records.ts'

/** A disk whose syncs the test settles, one by one. */
function createSlowDisk() {
  const syncs: { resolve(): void; reject(error: Error): void }[] = []
  let begun = Promise.withResolvers<void>()
  return {
    datasync: (_: FileHandle) =>
      new Promise<void>((resolve, reject) => {
        syncs.push({ resolve, reject })
        begun.resolve()
      }),
    /** The sync that is on its way, as soon as there is one. */
    async next() {
      if (syncs.length === 0) await begun.promise
      begun = Promise.withResolvers<void>()
      return syncs.shift()!
    }
  }
}

test('an append resolves, and its record is read, only after the sync', async () => {
  const disk = createSlowDisk()
  const { journal, reader } = await openDisk({}, disk.datasync)
  let safe = false
  const append = journal.append(0, recordOf('a')).then(() => {
    safe = true
  })
  const sync = await disk.next()
  expect(await readAll(reader)).toEqual([])
  expect(safe).toBe(false)
  sync.resolve()
  await append
  expect(await readAll(reader)).toEqual(['a'])
})

test('what is appended during a sync shares the next one', async () => {
  const disk = createSlowDisk()
  const { journal, reader } = await openDisk({}, disk.datasync)
  const first = journal.append(0, recordOf('frame 0'))
  const sync = await disk.next()
  const others = count(50)
    .slice(1)
    .map(frame => journal.append(0, recordOf(frame)))
  sync.resolve()
  await first
  ;(await disk.next()).resolve()
  await Promise.all(others)
  expect(journal.status()).toMatchObject({ records: 50, syncs: 2 })
  expect(await readAll(reader)).toEqual(count(50))
})

test('a tick during a sync is no later than the receipt of what waits for it', async () => {
  const disk = createSlowDisk()
  const { journal } = await openDisk({}, disk.datasync)
  vi.useFakeTimers({ toFake: ['Date'], now: 4e12 })
  onTestFinished(() => void vi.useRealTimers())
  const append = journal.append(0, recordOf('a'))
  vi.setSystemTime(4e12 + 500)
  expect(journal.ends()[0]?.time).toBe(4e12)
  ;(await disk.next()).resolve()
  await append
  expect(journal.ends()[0]?.time).toBe(4e12 + 500)
})

test('several failed syncs in a row are no damage', async () => {
  let failing = false
  const { journal, reader, damage } = await openDisk({}, () =>
    failing ? Promise.reject(new Error('EIO')) : Promise.resolve()
  )
  await appendAll(journal, ['before'])
  failing = true
  for (const frame of ['lost', 'lost too']) await rejection(journal.append(0, recordOf(frame)))
  failing = false
  await appendAll(journal, ['after'])
  expect(await readAll(reader)).toEqual(['before', 'after'])
  expect(damage).toEqual([])
})

test('after a failed sync all that waits rejects, is never read, and the journal goes on in a new segment', async () => {
  const disk = createSlowDisk()
  const { journal, reader, dir, damage } = await openDisk({}, disk.datasync)
  const good = journal.append(0, recordOf('good'))
  ;(await disk.next()).resolve()
  await good
  const { end } = reader.bounds(0)
  const bad = recordOf('bad')
  const rejected = [rejection(journal.append(0, bad)), rejection(journal.append(0, recordOf('waiting')))]
  ;(await disk.next()).reject(new Error('EIO: i/o error, fdatasync'))
  for (const error of await Promise.all(rejected))
    expect(error).toMatchObject({ code: 'JOURNAL_FAILING', retryable: true })
  expect(journal.status()).toMatchObject({ state: 'failing', reason: 'EIO: i/o error, fdatasync' })
  const again = journal.append(0, bad)
  ;(await disk.next()).resolve()
  await again
  expect(journal.status().state).toBe('ok')
  expect(await readAll(reader)).toEqual(['good', 'bad'])
  expect((await recordsOf(reader, 0, end))[0]!.position).toBeGreaterThan(end)
  expect(damage).toEqual([])
  await journal.stop()
  expect(await readAll((await openDisk({ dir })).reader)).toEqual(['good', 'bad'])
})

test('a reader that had the last segment open does not read the rejected records in it', async () => {
  const disk = createSlowDisk()
  const { journal, reader } = await openDisk({}, disk.datasync)
  const append = async (frame: string): Promise<void> => {
    const safe = journal.append(0, recordOf(frame))
    ;(await disk.next()).resolve()
    await safe
  }
  await append('before')
  const entries = reader.read(0, 0, new AbortController().signal)[Symbol.asyncIterator]()
  onTestFinished(() => void entries.return?.())
  await entries.next()
  const rejected = rejection(journal.append(0, recordOf('rejected')))
  ;(await disk.next()).reject(new Error('EIO'))
  await rejected
  await append('after')
  const { value } = await entries.next()
  expect('record' in value && value.record.bytes.includes('after')).toBe(true)
})

test('failures one after the other leave one empty segment at most', async () => {
  let failing = true
  const { journal, reader, dir } = await openDisk({}, () =>
    failing ? Promise.reject(new Error('EIO')) : Promise.resolve()
  )
  for (const frame of count(5)) await rejection(journal.append(0, recordOf(frame)))
  failing = false
  await appendAll(journal, ['good'])
  expect(await readAll(reader)).toEqual(['good'])
  await journal.stop()
  expect((await openDisk({ dir })).journal.ends()[0]).toMatchObject({ oldest: reader.bounds(0).oldest })
})

test('a write that hangs rejects after 15 s; its record may be changed and appended again, and is read once', async () => {
  const disk = createSlowDisk()
  const { journal, reader, dir } = await openDisk({}, disk.datasync)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const record = recordOf('hangs')
  const appends = [rejection(journal.append(0, record)), rejection(journal.append(0, recordOf('waits')))]
  const hanging = await disk.next()
  vi.advanceTimersByTime(15_000)
  for (const error of await Promise.all(appends)) expect(error).toMatchObject({ code: 'JOURNAL_TIMEOUT' })
  expect(journal.status().state).toBe('failing')
  const again = journal.append(0, record)
  hanging.resolve()
  ;(await disk.next()).resolve()
  await again
  expect(await readAll(reader)).toEqual(['hangs'])
  await journal.stop()
  expect(await readAll((await openDisk({ dir })).reader)).toEqual(['hangs'])
})

test('stop does not wait for a write that hangs', async () => {
  const disk = createSlowDisk()
  const { journal } = await openDisk({}, disk.datasync)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const append = rejection(journal.append(0, recordOf('hangs')))
  const hanging = await disk.next()
  const stopped = journal.stop()
  vi.advanceTimersByTime(15_000)
  await append
  await stopped
  hanging.resolve()
})

test('writes that the system refuses reject, and nothing but what was safe is read: a real limit on file sizes', async () => {
  const dir = await createDirectory()
  const results = await startAppender([dir, '1 GiB', '400'], 'ulimit -f 400;').ended()
  const { reader } = await openDisk({ dir })
  const found = (await recordsOf(reader)).map(record => record.id.toString('hex'))
  const ids = (result: string): string[] => results.filter(line => line.result === result).map(line => line.id)
  expect(ids('JOURNAL_FAILING').length).toBeGreaterThan(0)
  expect(found.toSorted()).toEqual(ids('safe').toSorted())
})
