import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { allStored, type Refusals, type Through } from '../src/core/contract.ts'
import { maxSpanBytes } from '../src/lane-run.ts'
import { emptyLedger } from '../src/ledger.ts'
import { orAbort } from '../src/or-abort.ts'
import { createGate } from './delivery/gate.ts'
import { createMemoryJournal } from './delivery/memory-journal.ts'
import { openLane } from './delivery/open-lane.ts'
import { createScriptedSink, unavailable } from './delivery/scripted-sink.ts'
import { appLine } from './sinks/wire-events.ts'

const lines = (...texts: string[]) => texts.map(text => appLine(text))
const many = (count: number, prefix = '') => Array.from({ length: count }, (_, i) => `${prefix}${i}`)
const hour = 3_600_000

test('a batch is whole records, and closes before it has too many events', async () => {
  const { sink, writes } = createScriptedSink({ limits: { maxEvents: 7, maxAgeMs: hour } })
  const { lane, journal } = openLane(sink)
  for (const name of ['a', 'b', 'c', 'd']) journal.append(lines(...many(3, name)))
  lane.start()
  await journal.idle()
  await lane.stop(hour)
  expect(writes).toEqual([
    ['a0', 'a1', 'a2', 'b0', 'b1', 'b2'],
    ['c0', 'c1', 'c2', 'd0', 'd1', 'd2']
  ])
  expect(lane.status()).toMatchObject({ state: 'stopped', position: journal.end, batches: 2, inFlight: 0 })
})

test('no write has more events than the sink takes, however many a record has; the commit waits for the last of them', async () => {
  const { sink, writes } = createScriptedSink({ limits: { maxEvents: 7 } })
  const { lane, journal, done } = openLane(sink)
  journal.append(lines(...many(20)))
  lane.start()
  await done()
  expect(writes.map(({ length }) => length)).toEqual([5, 5, 5, 5])
  expect(writes.flat()).toEqual(many(20))
  expect(journal.commits.slice(1).map(({ note }) => note.ledger)).toEqual([
    { ...emptyLedger, received: 20, stored: 20 }
  ])
})

test('a batch closes before it has too many bytes', async () => {
  const { sink, writes } = createScriptedSink({ limits: { maxBytes: 1000, maxAgeMs: hour } })
  const { lane, journal } = openLane(sink)
  for (const name of ['a', 'b', 'c']) journal.append(lines(name.repeat(200)))
  lane.start()
  await journal.idle()
  await lane.stop(hour)
  expect(writes.map(({ length }) => length)).toEqual([2, 1])
})

test('a batch closes by its age', async () => {
  const { sink, writes } = createScriptedSink({ limits: { maxAgeMs: 5 } })
  const { lane, journal, done } = openLane(sink)
  lane.start()
  await journal.idle()
  journal.append(lines('alone'))
  await done()
  expect(writes).toEqual([['alone']])
})

test('few events among much that is filtered do not hold on to more of the journal than a bounded stretch', async () => {
  const { sink, writes } = createScriptedSink({
    limits: { maxAgeMs: hour },
    accepts: ({ byteLength }) => byteLength < 1000
  })
  const { lane, journal } = openLane(sink)
  const megabyte = lines('x'.repeat(2 ** 20))
  for (const name of many(20)) journal.append([...megabyte, appLine(name)])
  lane.start()
  await journal.idle()
  expect(writes).toEqual([many(maxSpanBytes / 2 ** 20)])
})

test('the cursor passes records without anything for the sink, with a commit for many of them and no write', async () => {
  const { sink, writes } = createScriptedSink({ limits: { maxAgeMs: 50 }, accepts: () => false })
  const { lane, journal, done } = openLane(sink)
  journal.appendCopies(lines('x'), 5000)
  lane.start()
  await done()
  expect(writes).toEqual([])
  expect(journal.commits.length).toBeLessThan(250)
  expect(lane.status().ledger).toEqual({ ...emptyLedger, received: 5000, filtered: 5000 })
})

test('batches are committed in their order, and one commit covers all that settled meanwhile', async () => {
  const gate = createGate<Refusals>()
  const { sink } = createScriptedSink({ limits: { maxEvents: 1, maxInFlight: 3 }, write: gate.ask })
  const { lane, journal, done } = openLane(sink)
  const [first, , third] = ['a', 'b', 'c'].map(name => journal.append(lines(name)))
  lane.start()
  const writes = [await gate.nth(0), await gate.nth(1), await gate.nth(2)] as const
  writes[2].resolve(allStored)
  writes[1].resolve(allStored)
  await turn()
  expect(lane.status()).toMatchObject({ position: first!.position, inFlight: 3 })
  writes[0].resolve(allStored)
  await done()
  expect(journal.commits.slice(1).map(({ offset }) => offset)).toEqual([third!.nextPosition])
})

test('no more is on its way, and no more is read, than the limits say', async () => {
  const gate = createGate<Refusals>()
  const { sink } = createScriptedSink({ limits: { maxEvents: 10, maxInFlight: 2 }, write: gate.ask })
  const { lane, journal } = openLane(sink)
  for (let i = 0; i < 100; i++) journal.append(lines(...many(5)))
  lane.start()
  await gate.nth(1)
  for (let i = 0; i < 100; i++) await turn()
  expect([gate.asked, lane.status().inFlight]).toEqual([2, 30])
})

test('a batch that grew old while the lane was full goes when there is room', async () => {
  const gate = createGate<Refusals>()
  const { sink, writes } = createScriptedSink({ limits: { maxEvents: 2, maxAgeMs: 1 }, write: gate.ask })
  const { lane, journal, done } = openLane(sink)
  journal.append(lines('a', 'b'))
  lane.start()
  const first = await gate.nth(0)
  journal.append(lines('late'))
  await journal.idle()
  await new Promise(resolve => setTimeout(resolve, 5)) // the age is what is waited for
  first.resolve(allStored)
  ;(await gate.nth(1)).resolve(allStored)
  await done()
  expect(writes).toEqual([['a', 'b'], ['late']])
})

test('repeated POSTs are counted as duplicates and written once', async () => {
  const { sink, writes } = createScriptedSink()
  const { lane, journal, done } = openLane(sink)
  const { id } = journal.append(lines('a', 'b'), { kind: 'post' })
  journal.append(lines('a', 'b'), { kind: 'post', id })
  lane.start()
  await done()
  expect(writes).toEqual([['a', 'b']])
  expect(lane.status().ledger).toEqual({ ...emptyLedger, received: 4, stored: 2, duplicate: 2 })
})

test('what the lane’s own processors leave out is filtered', async () => {
  const { sink, writes } = createScriptedSink()
  const half = { name: 'half', process: (events: readonly never[]) => events.filter((_, i) => i % 2 === 0) }
  const { lane, journal, done } = openLane(sink, { processors: [half as never] })
  journal.append(lines('a', 'b', 'c'))
  lane.start()
  await done()
  expect(writes).toEqual([['a', 'c']])
  expect(lane.status().ledger).toEqual({ ...emptyLedger, received: 3, stored: 2, filtered: 1 })
})

test('a sink that keeps its own cursor has one batch on its way, and gets the position and the books after it', async () => {
  const gate = createGate<Refusals>()
  const throughs: (Through | undefined)[] = []
  const { sink } = createScriptedSink({
    limits: { maxEvents: 2, maxInFlight: 5 },
    cursor: async () => undefined,
    write(_texts, _signal, through) {
      throughs.push(through)
      return gate.ask()
    }
  })
  const { lane, journal, done } = openLane(sink)
  const first = journal.append(lines('a', 'b'))
  const second = journal.append(lines('c', 'd'))
  lane.start()
  const one = await gate.nth(0)
  await turn()
  expect(gate.asked).toBe(1)
  one.resolve({ ...allStored, duplicates: 1 })
  ;(await gate.nth(1)).resolve(allStored)
  await done()
  const since = expect.any(Number)
  expect(throughs).toEqual([
    {
      position: { partition: 0, offset: first.nextPosition },
      note: { ledger: { ...emptyLedger, received: 2, stored: 2 }, receiptTime: first.receiptTime, since }
    },
    {
      position: { partition: 0, offset: second.nextPosition },
      note: { ledger: { ...emptyLedger, received: 4, stored: 3, duplicate: 1 }, receiptTime: second.receiptTime, since }
    }
  ])
})

test('a stop delivers and commits what was read, also what is not due yet', async () => {
  const gate = createGate<Refusals>()
  const { sink, writes } = createScriptedSink({ limits: { maxEvents: 2, maxAgeMs: hour }, write: gate.ask })
  const { lane, journal } = openLane(sink)
  journal.append(lines('a', 'b'))
  journal.append(lines('c'))
  lane.start()
  await journal.idle()
  const stopped = lane.stop(hour)
  journal.append(lines('too late'))
  ;(await gate.nth(0)).resolve(allStored)
  ;(await gate.nth(1)).resolve(allStored)
  await stopped
  expect(writes).toEqual([['a', 'b'], ['c']])
  expect(lane.status().ledger).toMatchObject({ received: 3, stored: 3 })
})

test('a stop ends at its deadline when the store is away and everything is full', async () => {
  const { sink } = createScriptedSink({
    limits: { maxEvents: 1, maxInFlight: 2 },
    write() {
      throw unavailable(60_000)
    }
  })
  const { lane, journal, until, news } = openLane(sink)
  for (const name of many(5)) journal.append(lines(name))
  lane.start()
  await until(() => news.length === 2)
  await lane.stop(5)
  expect(lane.status()).toMatchObject({ state: 'stopped', position: 0, ledger: emptyLedger })
})

test('a record that cannot be read is not passed, also when that happens within a stop', async () => {
  const { sink, writes } = createScriptedSink({ limits: { maxAgeMs: hour } })
  const stopping = Promise.withResolvers<void>()
  const journal = createMemoryJournal()
  const { lane } = openLane(sink, { journal })
  journal.append(lines('a'))
  journal.append(lines('b'))
  const third = journal.append(lines('c'))
  journal.onRead(async position => {
    if (position !== third.position) return
    stopping.resolve(lane.stop(hour))
    throw new Error('EIO')
  })
  lane.start()
  await stopping.promise
  expect(writes).toEqual([['a', 'b']])
  expect(lane.status().position).toBe(third.position)
})

test('after a failed commit nothing of the old run is on its way when the lane begins anew at its last commit', async () => {
  const gate = createGate<Refusals>()
  let underway = 0
  let underwayAtRestart = -1
  const { sink, writes } = createScriptedSink({
    limits: { maxEvents: 1, maxInFlight: 3 },
    async write(_texts, signal) {
      if (writes.length > 3) return allStored
      underway++
      return orAbort(gate.ask(), signal).finally(() => underway--)
    }
  })
  const { lane, journal, news, done } = openLane(sink, {
    options: { onReady: () => void (underwayAtRestart = underway) }
  })
  for (const name of ['a', 'b', 'c']) journal.append(lines(name))
  lane.start()
  const first = await gate.nth(0)
  await gate.nth(2)
  let failures = 1
  journal.onCommit(async () => {
    if (failures-- > 0) throw new Error('ENOSPC')
  })
  first.resolve(allStored)
  await done()
  expect(underwayAtRestart).toBe(0)
  expect(news).toMatchObject([{ kind: 'restarted', error: { code: 'JOURNAL_FAILING' } }])
  expect(lane.status().ledger).toEqual({ ...emptyLedger, received: 3, stored: 3 })
})

test('an error of the journal’s reader stops what is on its way before the lane begins anew', async () => {
  const journal = createMemoryJournal()
  let aborted = 0
  const { sink } = createScriptedSink({
    limits: { maxEvents: 1, maxInFlight: 3 },
    write: (_texts, signal) =>
      aborted > 0
        ? allStored
        : new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              aborted++
              reject(signal.reason)
            })
          })
  })
  const { lane, done, news } = openLane(sink, { journal })
  journal.append(lines('a'))
  const second = journal.append(lines('b'))
  let failures = 1
  journal.onRead(async position => {
    if (position === second.position && failures-- > 0) throw new Error('EIO')
  })
  lane.start()
  await done()
  expect([aborted, news.map(({ kind }) => kind)]).toEqual([1, ['restarted']])
  expect(lane.status().ledger).toEqual({ ...emptyLedger, received: 2, stored: 2 })
})

test('between two commits the lane delivers on, and a stop does not wait for the next', async () => {
  const { sink, writes } = createScriptedSink({ limits: { maxEvents: 3, maxInFlight: 1, maxAgeMs: 0 } })
  const { lane, journal, until } = openLane(sink, { options: { minCommitMs: hour } })
  journal.append(lines('first', 'of', 'many'))
  lane.start()
  await until(() => lane.status().position === journal.end)
  for (const name of ['a', 'b', 'c', 'd']) journal.append(lines(...many(3, name)))
  while (writes.length < 5) await turn()
  expect(journal.commits.map(({ note }) => note.ledger.received)).toEqual([0, 3])
  await lane.stop(hour)
  expect(journal.commits.map(({ note }) => note.ledger.received)).toEqual([0, 3, 15])
})
