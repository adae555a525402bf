import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { allStored, type Note, type Refusals } from '../src/core/contract.ts'
import { maxSpanBytes, maxUncommittedBytes } from '../src/lane-run.ts'
import { emptyLedger } from '../src/ledger.ts'
import { createGate } from './delivery/gate.ts'
import { createJoiner } from './delivery/joiner.ts'
import { createMemoryJournal } from './delivery/memory-journal.ts'
import { openLane } from './delivery/open-lane.ts'
import { createScriptedSink, type Script } from './delivery/scripted-sink.ts'
import { appLine } from './sinks/wire-events.ts'

const lines = (...texts: string[]) => texts.map(text => appLine(text))
const names = ['a', 'b', 'c', 'd', 'e', 'f']
const hour = 3_600_000
const note: Note = { ledger: emptyLedger, receiptTime: 0 }

/** One event a batch, of a store that has nothing; keeps what was looked up. */
const oneByOne = (script: Script = {}) =>
  createScriptedSink({ known: () => [], ...script, limits: { maxEvents: 1, maxInFlight: 3, ...script.limits } })

/** A journal with the records a to f, and where the second of them ends. */
function journalOfSix() {
  const journal = createMemoryJournal()
  const records = names.map(name => journal.append(lines(name)))
  return { journal, records, second: records[1]!.nextPosition }
}

test('after a start what may have been on its way is looked up, as far as what may be uncommitted reaches', async () => {
  const { journal, records, second } = journalOfSix()
  journal.setCursor('lane', { offset: second, note })
  const { sink, lookups, writes } = oneByOne()
  const options = { maxUncommittedBytes: records[4]!.position - second }
  const { lane, done } = openLane(sink, { journal, options })
  lane.start()
  await done()
  expect([lookups.flat(), writes.flat()]).toEqual([
    ['c', 'd'],
    ['c', 'd', 'e', 'f']
  ])
})

test('what comes after a start is not looked up, also when it came before the sink was open', async () => {
  const opened = Promise.withResolvers<void>()
  const { journal } = journalOfSix()
  journal.setCursor('lane', { offset: journal.end, note })
  const { sink, lookups, writes } = oneByOne({ start: () => opened.promise })
  const { lane, done } = openLane(sink, { journal })
  lane.start()
  await turn()
  journal.append(lines('later'))
  opened.resolve()
  await done()
  expect([lookups, writes]).toEqual([[], [['later']]])
})

test('a lane whose cursor is gone looks all of it up that was there, over several starts', async () => {
  const { journal, second } = journalOfSix()
  const gate = createGate<Refusals>()
  const first = oneByOne({ limits: { maxInFlight: 1 }, write: gate.ask })
  const options = { maxUncommittedBytes: 1 }
  const opened = openLane(first.sink, { journal, options })
  opened.lane.start()
  ;(await gate.nth(0)).resolve(allStored)
  ;(await gate.nth(1)).resolve(allStored)
  await gate.nth(2)
  await opened.until(() => opened.lane.status().position === second)
  await opened.lane.stop(0)
  expect(journal.commits.at(-1)?.note.uncertainTo).toBe(journal.end)

  journal.append(lines('later'))
  const again = oneByOne()
  const { lane, done } = openLane(again.sink, { journal, options })
  lane.start()
  await done()
  expect(again.lookups.flat()).toEqual(['c', 'd', 'e', 'f'])
  expect(journal.commits.at(-1)?.note).not.toHaveProperty('uncertainTo')
})

test('a cursor behind the journal’s end may belong to a later state of this journal: all of it is looked up', async () => {
  const { journal } = journalOfSix()
  journal.setCursor('lane', { offset: 1e9, note })
  const { sink, lookups } = oneByOne()
  const { lane, done } = openLane(sink, { journal, options: { maxUncommittedBytes: 1 } })
  lane.start()
  await done()
  expect(lookups.flat()).toEqual(names)
})

test('a lane that begins anew looks up what it had on its way', async () => {
  const { journal } = journalOfSix()
  journal.setCursor('lane', { offset: 0, note })
  let failures = 1
  const gate = createGate<Refusals>()
  const { sink, lookups, writes } = oneByOne({ write: () => (writes.length > 3 ? allStored : gate.ask()) })
  const { lane, done } = openLane(sink, { journal })
  lane.start()
  const one = await gate.nth(0)
  await gate.nth(2)
  journal.onCommit(async () => {
    if (failures-- > 0) throw new Error('ENOSPC')
  })
  one.resolve(allStored)
  await done()
  expect(lookups.flat().slice(-names.length)).toEqual(names)
})

test('no batch is sent that would reach further behind the last commit than a next start looks', async () => {
  const { journal, records } = journalOfSix()
  journal.setCursor('lane', { offset: 0, note })
  const committing = createGate<void>()
  journal.onCommit(committing.ask)
  const { sink, writes } = oneByOne()
  const options = { maxUncommittedBytes: records[3]!.nextPosition, minCommitMs: 0 }
  const { lane, done } = openLane(sink, { journal, options })
  lane.start()
  const first = await committing.nth(0)
  for (let i = 0; i < 100; i++) await turn()
  expect(writes.flat()).toEqual(['a', 'b', 'c', 'd'])
  journal.onCommit(async () => {})
  first.resolve()
  await done()
  expect(writes.flat()).toEqual(names)
})

test('what a batch spans, with the largest record, fits into what may be uncommitted, also where nothing of it is sent', async () => {
  expect(maxSpanBytes + 2 ** 24).toBeLessThanOrEqual(maxUncommittedBytes)
  const { sink, writes } = oneByOne({ limits: { maxAgeMs: hour }, accepts: ({ byteLength }) => byteLength < 1000 })
  const { lane, journal, done } = openLane(sink)
  journal.appendCopies(lines('x'.repeat(2 ** 20)), maxSpanBytes / 2 ** 20)
  lane.start()
  await done()
  expect([writes, lane.status().ledger.filtered]).toEqual([[], maxSpanBytes / 2 ** 20])
})

test('what a processor held goes by when it came: it may have been sent before, and is looked up', async () => {
  const journal = createMemoryJournal(1)
  journal.append(lines('good 0.0'))
  journal.append(lines('goes at once'))
  journal.setCursor('lane', { offset: 0, note })
  const { sink, lookups, writes } = oneByOne({ known: () => ['good 0.0'] })
  const { lane, done } = openLane(sink, { journal, processors: [createJoiner(2)] })
  lane.start()
  await done()
  expect([lookups, writes]).toEqual([[['goes at once'], ['good 0.0']], [['goes at once']]])
  expect(lane.status().ledger).toEqual({ ...emptyLedger, received: 2, stored: 1, duplicate: 1 })
})

test('what a processor joins or holds is in the books: the cursor waits before what is held', async () => {
  const journal = createMemoryJournal()
  const [first, second] = [journal.append(lines('good 0.0', 'good 0.1', 'other')), journal.append(lines('good 2.0'))]
  const { sink, writes } = oneByOne()
  const { lane, done, until } = openLane(sink, { journal, processors: [createJoiner(1000)] })
  lane.start()
  await until(() => lane.status().position === first.nextPosition)
  expect(writes).toEqual([['other'], ['good 0.0\ngood 0.1']])
  expect(lane.status()).toMatchObject({ ledger: { received: 3, stored: 2, joined: 1 }, inFlight: 1 })
  journal.append(lines('good 4.0'), { receivedAt: second.receiptTime + 5000 })
  journal.append(lines('good 5.0'), { receivedAt: second.receiptTime + 9000 })
  journal.append(lines('other'), { receivedAt: second.receiptTime + 99_000 })
  await done()
  expect(lane.status().ledger).toEqual({ ...emptyLedger, received: 7, stored: 6, joined: 1 })
})

test('a processor that holds more than may be uncommitted does not stop the lane; the next start knows how far it went', async () => {
  const { journal, second } = journalOfSix()
  const held = journal.append(lines('good 0.0'))
  for (const name of names) journal.append(lines(name))
  journal.setCursor('lane', { offset: second, note })
  const { sink, writes } = oneByOne()
  const options = { maxUncommittedBytes: second }
  const { lane } = openLane(sink, { journal, options, processors: [createJoiner(hour)] })
  lane.start()
  await journal.idle()
  await lane.stop(hour)
  expect(writes.flat()).toEqual([...names.slice(2), ...names])
  const last = journal.commits.at(-1)!
  expect(last).toMatchObject({ offset: held.position, note: { ledger: { received: 4, stored: 4 } } })
  expect(last.note.uncertainTo).toBeGreaterThanOrEqual(journal.end)

  const later = journal.append(lines('later'))
  const again = oneByOne()
  const next = openLane(again.sink, { journal, options, processors: [createJoiner(hour)] })
  next.lane.start()
  await journal.idle()
  await next.lane.stop(hour)
  expect([again.lookups.flat(), journal.commits.at(-1)!.note.uncertainTo]).toEqual([names, later.nextPosition + second])
})

test('a POST that may have come before, in a part of the journal that is gone, is looked up', async () => {
  const journal = createMemoryJournal()
  journal.setCursor('lane', { offset: 0, note })
  const { sink, lookups, writes } = oneByOne({ known: () => ['again'] })
  const { lane, done } = openLane(sink, { journal })
  lane.start()
  await journal.idle()
  journal.append(lines('new'), { kind: 'post' })
  journal.append(lines('again'), { kind: 'post', doubt: true })
  await done()
  expect([lookups, writes]).toEqual([[['again']], [['new']]])
  expect(lane.status().ledger).toEqual({ ...emptyLedger, received: 2, stored: 1, duplicate: 1 })
})

test('a batch that grew old behind what a processor holds goes also when nothing more comes', async () => {
  const journal = createMemoryJournal()
  const others = Array.from({ length: 20 }, (_, i) => `other ${i}`)
  const first = journal.append(lines('good 0.0', ...others))
  journal.setCursor('lane', { offset: 0, note })
  const gate = createGate<Refusals>()
  const { sink, writes } = createScriptedSink({ limits: { maxInFlight: 3 }, known: () => [], write: gate.ask })
  const options = { maxUncommittedBytes: first.nextPosition }
  const { lane } = openLane(sink, { journal, options, processors: [createJoiner(hour)] })
  lane.start()
  const one = await gate.nth(0)
  journal.append(lines('later'))
  await journal.idle()
  await pause(20) // it is overdue by then, and has no room
  expect(gate.asked).toBe(1)
  one.resolve(allStored)
  ;(await gate.nth(1)).resolve(allStored)
  expect(writes).toEqual([others, ['later']])
})
