import { afterEach, describe, expect, test, vi } from 'vitest'
import { maxNoteBytes, type Note } from '../../src/core/contract.ts'
import { CulvertError } from '../../src/core/errors.ts'
import type { MainJournal, WorkerJournal } from '../../src/journal/journal.ts'
import { appendAll, count, readAll, recordOf, recordsOf, textOf } from './records.ts'

export interface ContractOptions {
  readonly maxBytes?: number
  readonly partitions?: number
  readonly lanes?: { readonly name: string; readonly whenFull: 'wait' | 'skip' }[]
}

/** How the suite makes the journal that it tests. */
export interface JournalFactory {
  /** A name for data that nothing else uses; it is removed after the test. */
  createPlace(): Promise<string>
  /** A journal over the data at `place`, not open. */
  createJournal(place: string, options: ContractOptions): MainJournal
  createReader(place: string, journal: MainJournal): WorkerJournal
  /** Runs a process that appends until it is killed, and then answers the ids (hex) of all appends that had resolved. */
  appendUntilKilled(place: string): Promise<string[]>
}

const note: Note = {
  ledger: { received: 7, stored: 3, duplicate: 1, joined: 0, folded: 0, filtered: 2, dead: 1, lost: 0 },
  receiptTime: 1_700_000_000_000,
  state: { 'multi-line': { open: ['a'] } },
  fingerprint: 'f00d'
}

/** Behind every time that a journal gives out before the clock is set. */
const future = 4_000_000_000_000

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason
  )
  return error instanceof CulvertError ? error.code : String(error)
}

/** What every journal promises: resolves only when safe, refuses what it should, holds no more than its limit, stops clean. */
export function journalContract(name: string, factory: JournalFactory): void {
  const opened: { stop(): Promise<void> }[] = []

  afterEach(async () => {
    vi.useRealTimers()
    for (const each of opened.splice(0)) await each.stop()
  })

  async function open(options: ContractOptions = {}, place?: string) {
    const where = place ?? (await factory.createPlace())
    const journal = factory.createJournal(where, options)
    opened.push(journal)
    await journal.open()
    return { place: where, journal, reader: reading(where, journal) }
  }

  function reading(place: string, journal: MainJournal): WorkerJournal {
    const reader = factory.createReader(place, journal)
    opened.push(reader)
    journal.onEnd(end => reader.advance(end))
    return reader
  }

  describe(`${name}: the journal contract`, () => {
    test('what was appended is read, in order, with positions that follow each other', async () => {
      const { journal, reader } = await open()
      await Promise.all(count(50).map(frame => journal.append(0, recordOf(frame))))
      const records = await recordsOf(reader)
      expect(records.map(textOf)).toEqual(count(50))
      for (const [i, record] of records.entries()) expect(record.position).toBe(records[i - 1]?.nextPosition ?? 0)
      expect(reader.bounds(0)).toMatchObject({ oldest: 0, end: records.at(-1)!.nextPosition })
    })

    test('every append that resolved before a kill -9 is there afterwards', async () => {
      const place = await factory.createPlace()
      const resolved = await factory.appendUntilKilled(place)
      const { reader } = await open({}, place)
      const found = new Set((await recordsOf(reader)).map(record => record.id.toString('hex')))
      expect(resolved.length).toBeGreaterThan(0)
      expect(resolved.filter(id => !found.has(id))).toEqual([])
    })

    test('a record is not read before it is safe', async () => {
      const { journal, place } = await open()
      const reader = factory.createReader(place, journal)
      opened.push(reader)
      await journal.append(0, recordOf('told nobody'))
      expect(await readAll(reader)).toEqual([])
      for (const end of journal.ends()) reader.advance(end)
      expect(await readAll(reader)).toEqual(['told nobody'])
    })

    test.each([
      ['an hour', 36e5],
      ['ten years', 10 * 365 * 864e5]
    ])('receipt times never decrease, and time goes on, when the clock jumps %s forth and back, also over a restart', async (_, jump) => {
      const { journal, reader, place } = await open()
      const real = vi.spyOn(performance, 'now').mockReturnValue(performance.now())
      vi.useFakeTimers({ toFake: ['Date'], now: future })
      await journal.append(0, recordOf('a'))
      vi.setSystemTime(future + jump)
      await journal.append(0, recordOf('b'))
      vi.setSystemTime(future)
      await journal.append(0, recordOf('c'))
      real.mockReturnValue(performance.now() + 60_000)
      await journal.append(0, recordOf('d'))
      const times = [future, future + jump, future + jump, future + jump + 30_000]
      expect((await recordsOf(reader)).map(record => record.receiptTime)).toEqual(times)
      expect(journal.ends()[0]!.time).toBe(times[3])
      await journal.stop()
      const again = await open({}, place)
      await again.journal.append(0, recordOf('e'))
      real.mockReturnValue(performance.now() + 4 * jump)
      vi.setSystemTime(future + 4 * jump)
      await again.journal.append(0, recordOf('f'))
      const later = [times[3], future + 4 * jump]
      expect((await recordsOf(again.reader)).map(record => record.receiptTime)).toEqual([...times, ...later])
    })

    test('a reader at the end gets a tick, waits, and wakes for the next record', async () => {
      const { journal, reader } = await open()
      const entries = reader.read(0, 0, new AbortController().signal)[Symbol.asyncIterator]()
      const tick = await entries.next()
      expect(tick.value).toEqual({ tick: expect.any(Number), position: 0 })
      const next = entries.next()
      await journal.append(0, recordOf('late'))
      const { value } = await next
      expect('record' in value && textOf(value.record)).toBe('late')
      expect('tick' in tick.value && 'record' in value && value.record.receiptTime >= tick.value.tick).toBe(true)
      await entries.return?.()
    })

    test('no record that follows a tick was received before it, even while the clock goes back', async () => {
      const { journal, reader } = await open()
      vi.useFakeTimers({ toFake: ['Date'], now: future })
      await journal.append(0, recordOf('a'))
      vi.setSystemTime(future + 1000)
      for (const end of journal.ends()) reader.advance(end)
      const entries = reader.read(0, 0, new AbortController().signal)[Symbol.asyncIterator]()
      await entries.next()
      expect((await entries.next()).value).toMatchObject({ tick: future + 1000 })
      vi.setSystemTime(future + 500)
      await journal.append(0, recordOf('b'))
      const { value } = await entries.next()
      expect('record' in value && value.record.receiptTime).toBeGreaterThanOrEqual(future + 1000)
      await entries.return?.()
    })

    test('an abort ends a reader that waits, and one that would not', async () => {
      const { journal, place } = await open()
      await appendAll(journal, count(3))
      const reader = factory.createReader(place, journal)
      opened.push(reader)
      const aborting = new AbortController()
      const seen: string[] = []
      for await (const entry of reader.read(0, 0, aborting.signal)) {
        if ('tick' in entry) setImmediate(() => aborting.abort())
        else if ('record' in entry) seen.push(textOf(entry.record))
      }
      expect(seen).toEqual(count(3))
      for await (const entry of reader.read(0, 0, aborting.signal)) expect(entry).toBeUndefined()
    })

    test('two readers at different positions do not disturb each other', async () => {
      const { journal, reader } = await open()
      await appendAll(journal, count(20))
      const tenth = (await recordsOf(reader))[10]!.position
      expect(await Promise.all([readAll(reader), readAll(reader, 0, tenth)])).toEqual([count(20), count(20).slice(10)])
    })

    test('partitions have each their own order and positions', async () => {
      const { journal, reader } = await open({ partitions: 2 })
      await Promise.all(
        count(10).flatMap(frame => [
          journal.append(0, recordOf(`0 ${frame}`)),
          journal.append(1, recordOf(`1 ${frame}`))
        ])
      )
      expect(await readAll(reader, 0)).toEqual(count(10, '0 frame'))
      expect(await readAll(reader, 1)).toEqual(count(10, '1 frame'))
    })

    test('a repeated POST is handed on as repeated, also by a reader that begins behind the first', async () => {
      const { journal, reader } = await open()
      const id = Buffer.alloc(21, 7)
      await journal.append(0, recordOf('post', { id, kind: 'post' }))
      await journal.append(0, recordOf('between'))
      await journal.append(0, recordOf('post', { id, kind: 'post' }))
      await journal.append(0, recordOf('stream', { id }))
      const kinds = async (from: number): Promise<string[]> => {
        const seen: string[] = []
        for await (const entry of reader.read(0, from, new AbortController().signal)) {
          if ('tick' in entry) break
          seen.push('repeated' in entry ? 'repeated' : textOf(entry.record))
        }
        return seen
      }
      const between = (await recordsOf(reader))[1]!.position
      expect(await kinds(0)).toEqual(['post', 'between', 'repeated', 'stream'])
      expect(await kinds(between)).toEqual(['between', 'repeated', 'stream'])
    })

    test('a commit is found by the next process; a lane that never committed has no cursor', async () => {
      const { journal, reader, place } = await open()
      await appendAll(journal, count(3))
      expect(await reader.cursor('es', 0)).toBeUndefined()
      await reader.commit('es', { partition: 0, offset: 10 }, note)
      await reader.commit('es', { partition: 0, offset: 0 }, note)
      await journal.stop()
      const again = await open({}, place)
      expect(await again.reader.cursor('es', 0)).toEqual({ offset: 0, note })
      expect(await again.reader.cursor('other', 0)).toBeUndefined()
      expect(await again.reader.cursor('es', 1)).toBeUndefined()
    })

    test('of commits at the same time the last one stays', async () => {
      const { reader } = await open()
      await Promise.all(
        count(10).map((_, i) => reader.commit('es', { partition: 0, offset: i }, { ...note, receiptTime: i }))
      )
      expect(await reader.cursor('es', 0)).toEqual({ offset: 9, note: { ...note, receiptTime: 9 } })
    })

    test('a note that is too large is refused and the commit before it stays', async () => {
      const { reader } = await open()
      await reader.commit('es', { partition: 0, offset: 0 }, note)
      const large = { ...note, state: { text: 'x'.repeat(maxNoteBytes) } }
      expect(await codeOf(reader.commit('es', { partition: 0, offset: 1 }, large))).toBe('NOTE_TOO_LARGE')
      expect(await reader.cursor('es', 0)).toEqual({ offset: 0, note })
    })

    test('at its bound it refuses at once, says so, and goes on when the lane has committed', async () => {
      const lanes = [{ name: 'es', whenFull: 'wait' as const }]
      const { journal, reader } = await open({ maxBytes: 2 ** 20, lanes })
      const frame = 'x'.repeat(100_000)
      let refused = ''
      for (let i = 0; refused === ''; i++) {
        expect(i).toBeLessThan(11)
        refused = await codeOf(journal.append(0, recordOf(frame))).then(code => (code === 'undefined' ? '' : code))
      }
      expect(refused).toBe('JOURNAL_FULL')
      expect(journal.status()).toMatchObject({ state: 'full', reason: expect.stringContaining('es') })
      expect(journal.status().bytes).toBeLessThanOrEqual(2 ** 20)
      const { end } = reader.bounds(0)
      await reader.commit('es', { partition: 0, offset: end }, note)
      journal.committed('es', 0, end)
      await journal.append(0, recordOf('after'))
      expect(journal.status().state).toBe('ok')
      expect(await readAll(reader, 0, end)).toEqual(['after'])
    })

    test('stop during the start leaves nothing open', async () => {
      const place = await factory.createPlace()
      const journal = factory.createJournal(place, {})
      const opening = journal.open()
      await journal.stop()
      await opening
      await open({}, place)
    })

    test('stop settles what was appended, refuses what comes later, and may be called twice', async () => {
      const { journal, reader, place } = await open()
      const appends = count(20).map(frame => journal.append(0, recordOf(frame)))
      const stopped = journal.stop()
      expect(await codeOf(journal.append(0, recordOf('later')))).toBe('JOURNAL_STOPPED')
      await Promise.all([stopped, journal.stop(), ...appends])
      await Promise.all([reader.stop(), reader.stop()])
      const again = await open({}, place)
      expect(await readAll(again.reader)).toEqual(count(20))
    })
  })
}
