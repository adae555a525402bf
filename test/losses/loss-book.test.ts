import { expect, test } from 'vitest'
import { createDecoder } from '../../processors/decode.ts'
import { lossReportOf } from '../../processors/platform-loss.ts'
import { proof, settleMs } from '../../src/losses/counter-gaps.ts'
import { maxEntries } from '../../src/losses/entries.ts'
import { createLossBook } from '../../src/losses/loss-book.ts'
import type { LossState } from '../../src/losses/loss-file.ts'
import type { DecodedEntry } from '../../src/shared-decode.ts'
import { createGate } from '../delivery/gate.ts'
import { createMemoryJournal, type MemoryJournal } from '../delivery/memory-journal.ts'

const decoder = createDecoder()
const journal = () => createMemoryJournal()

let second = 0
const lgr = (lost: number, { app = 'app', url = 'syslog://drain:514', at = second++ } = {}): string =>
  `<11>1 ${new Date(at * 1000).toISOString()} acme.prod.shop ${app} [LGR/0] - - ` +
  `${lost} messages lost for application ${app} in user provided syslog drain with url ${url}\n`
const limited = (app = 'app'): string =>
  `<11>1 2026-11-24T04:29:03.785942+00:00 acme.prod.shop ${app} [APP/PROC/WEB/0] - - app instance exceeded log rate limit (1024 bytes/sec)\n`
const counter = (total: number): string =>
  `<14>1 ${new Date(total * 1000).toISOString()} h gorouter [1] - [counter@47450 name="requests" total="${total}" delta="1"] \n`

/** A partition's book; `lives` reads all that the journal has from `from` on, as the head does. */
function subject(state?: LossState, { end = 1e9, save }: { end?: number; save?: () => Promise<void> } = {}) {
  const saved: LossState[] = []
  const book = createLossBook({
    state,
    end,
    save: async content => {
      await save?.()
      saved.push(structuredClone(content))
    },
    lossReportOf
  })
  return {
    book,
    saved,
    read({ records }: MemoryJournal, from = 0): void {
      for (const record of records)
        if (record.position >= from)
          book.see({ kind: 'record', record, events: [], next: record.nextPosition }, decoder.decode(record))
    },
    shown: () =>
      book
        .book()
        .entries.map(({ kind, app, drain, counter, lost, reports }) => [kind, app, drain ?? counter, lost, reports])
  }
}

test('losses add up by app and drain', () => {
  const { append, ...all } = journal()
  append([lgr(10), lgr(5), lgr(1, { url: 'syslog://other:514' }), lgr(2, { app: 'b' }), limited(), limited()])
  const { read, book, shown } = subject()
  read({ append, ...all })
  expect(shown()).toEqual([
    ['drain', '', 'syslog://drain:514', 15, 2],
    ['drain', '', 'syslog://other:514', 1, 1],
    ['drain', '', 'syslog://drain:514', 2, 1],
    ['rate_limit', '', undefined, 0, 1]
  ])
  expect(book.book()).toMatchObject({ messages: 18, rateLimits: 1, counterGaps: 0 })
})

test('the same line by two drains of an app is one report', () => {
  const all = journal()
  all.append([lgr(10, { at: 5 })])
  all.append([lgr(10, { at: 5 })])
  all.append([lgr(10, { at: 6 })])
  const { read, shown } = subject()
  read(all)
  expect(shown()).toEqual([['drain', '', 'syslog://drain:514', 20, 2]])
})

test('what is read again is not counted again, and what was not saved is', async () => {
  const all = journal()
  const lines = Array.from({ length: 300 }, (_, i) => lgr(i + 1))
  all.append(lines)
  const { position } = all.append(['<14>1 - - - - - - x\n'])
  const first = subject()
  first.read(all)
  await first.book.save()
  all.append([lgr(7)])
  first.read(all, position)
  const second = subject(first.saved[0], { end: all.end })
  second.read(all)
  expect(second.shown()).toEqual([['drain', '', 'syslog://drain:514', (300 * 301) / 2 + 7, 301]])
})

test('a book that knows of positions behind the end belongs to a journal that is gone: the new one is counted', async () => {
  const all = journal()
  all.append([lgr(1)])
  const first = subject()
  first.read(all)
  await first.book.save()
  const next = journal()
  next.append([lgr(2)])
  const second = subject({ ...first.saved[0]!, through: 1e6 }, { end: 0 })
  second.read(next)
  expect(second.book.book().messages).toBe(3)
})

test('a lane waits for the book only where it commits past a loss that is not saved', async () => {
  const all = journal()
  const before = all.append(['<14>1 - - - - - - x\n'])
  all.append([lgr(1)])
  const { read, book, saved } = subject()
  read(all)
  await book.safeUpTo(before.nextPosition)
  expect(saved).toEqual([])
  await book.safeUpTo(all.end)
  await book.safeUpTo(all.end)
  expect(saved).toHaveLength(1)
})

test('a lane that comes while the book is being written waits too, and for what came meanwhile', async () => {
  const gate = createGate<void>()
  const all = journal()
  const first = all.append([lgr(1)])
  const { read, book, saved } = subject(undefined, { save: () => gate.ask() })
  read(all)
  const done: string[] = []
  const one = book.safeUpTo(first.nextPosition).then(() => done.push('one'))
  const write = await gate.nth(0)
  const second = all.append([lgr(2)])
  read(all, first.nextPosition)
  const two = book.safeUpTo(first.nextPosition).then(() => done.push('two'))
  const three = book.safeUpTo(second.nextPosition).then(() => done.push('three'))
  await Promise.resolve()
  expect(done).toEqual([])
  write.resolve()
  await Promise.all([one, two])
  expect(done).toEqual(['one', 'two'])
  ;(await gate.nth(1)).resolve()
  await three
  expect(saved.map(({ entries }) => entries[0]!.lost)).toEqual([1, 3])
})

test('where the disk does not take the book no lane commits past the loss, and the next one tries again', async () => {
  let full = true
  const all = journal()
  all.append([lgr(1)])
  const { read, book, saved } = subject(undefined, {
    save: async () => {
      if (full) throw new Error('no space')
    }
  })
  read(all)
  await expect(book.safeUpTo(all.end)).rejects.toThrow('no space')
  full = false
  await book.safeUpTo(all.end)
  expect(saved).toHaveLength(1)
})

test('a gap of a counter is booked once nothing can fill it, also when nothing more comes', () => {
  const all = journal()
  for (let total = 0; total <= proof; total++) all.append([counter(total)])
  const last = all.append([counter(proof + 6)])
  const { read, book, shown } = subject()
  read(all)
  const tick = (clock: number): DecodedEntry => ({ kind: 'tick', clock, next: all.end })
  book.see(tick(last.receiptTime + settleMs - 1), [])
  expect(shown()).toEqual([])
  book.see(tick(last.receiptTime + settleMs), [])
  expect(shown()).toEqual([['counter_gap', '', 'requests', 5, 1]])
  expect(book.book().counterGaps).toBe(1)
})

test('where the journal passed something over, a counter has no gap', () => {
  const all = journal()
  for (let total = 0; total <= proof; total++) all.append([counter(total)])
  const missing = all.append([counter(proof + 1)])
  const last = all.append([counter(proof + 2)])
  all.records.splice(all.records.indexOf(missing), 1)
  const { read, book, shown } = subject()
  read(all)
  book.see({ kind: 'tick', clock: last.receiptTime + settleMs, next: all.end }, [])
  expect(shown()).toEqual([])
})

test('a repeated POST is passed over, and takes nothing from what follows', () => {
  const all = journal()
  for (let total = 0; total <= proof; total++) all.append([counter(total)])
  const repeated = all.append([lgr(1), counter(proof)])
  const last = all.append([counter(proof + 3)])
  const { book, shown } = subject()
  for (const record of all.records) {
    const next = record.nextPosition
    if (record === repeated) book.see({ kind: 'repeated', record, next }, [])
    else book.see({ kind: 'record', record, events: [], next }, decoder.decode(record))
  }
  book.see({ kind: 'tick', clock: last.receiptTime + settleMs, next: all.end }, [])
  expect(shown()).toEqual([['counter_gap', '', 'requests', 2, 1]])
})

test('apps and drains are bounded: the rest has one entry, and the sums are whole', () => {
  const all = journal()
  const count = maxEntries + 50
  all.append(Array.from({ length: count }, (_, i) => lgr(1, { app: `app-${i}` })))
  all.append([lgr(1, { app: 'app-0' }), lgr(1, { app: 'one-more' })])
  const { read, book } = subject()
  read(all)
  const { entries, messages } = book.book()
  expect([entries.length, messages]).toEqual([maxEntries + 1, count + 2])
  expect(entries.find(({ rest }) => rest)).toMatchObject({ kind: 'drain', appId: '', lost: 51, reports: 51 })
  expect(entries.find(({ appId }) => appId === 'app-0')).toMatchObject({ lost: 2 })
})

test('news are what came since they were taken, and nothing that an earlier life had', async () => {
  const all = journal()
  all.append([lgr(3)])
  const first = subject()
  first.read(all)
  await first.book.save()
  const { book, read } = subject(first.saved[0], { end: all.end })
  all.append([lgr(4), limited()])
  read(all)
  expect([book.takeNews(), book.takeNews()]).toEqual([
    { messages: 4, rateLimits: 1, counterGaps: 0 },
    { messages: 0, rateLimits: 0, counterGaps: 0 }
  ])
})
