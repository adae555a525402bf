import { getEventListeners } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { allStored, type Cursor, type Processor, type Refusals } from '../src/core/contract.ts'
import { emptyLedger } from '../src/ledger.ts'
import { runProcessors } from '../src/run-processors.ts'
import { framesOf } from './cases/captures.ts'
import { createGate } from './delivery/gate.ts'
import { createMemoryJournal } from './delivery/memory-journal.ts'
import { openDecode, openLane } from './delivery/open-lane.ts'
import { createScriptedSink, textOf, unavailable } from './delivery/scripted-sink.ts'
import { appLine, eventsOf, receiptTime } from './sinks/wire-events.ts'

const line = (text: string) => [appLine(text)]
const never = (): Promise<never> => new Promise(() => {})
const hour = 3_600_000

test('a sink that does not open is tried until it does; meanwhile the lane says so', async () => {
  let tries = 0
  const { sink } = createScriptedSink({
    async start() {
      if (tries++ < 3) throw unavailable()
    }
  })
  const { lane, journal, news, until, done } = openLane(sink)
  journal.append(line('a'))
  expect(lane.status()).toMatchObject({ state: 'starting', retries: 0 })
  lane.start()
  await until(() => news.length === 1)
  expect(lane.status()).toMatchObject({ state: 'retrying', retries: 1, lastError: { code: 'SINK_UNAVAILABLE' } })
  await done()
  expect(news.map(({ kind }) => kind)).toEqual(['retry', 'retry', 'retry', 'recovered'])
  expect(lane.status()).toMatchObject({ state: 'running', ledger: { ...emptyLedger, received: 1, stored: 1 } })
})

test.each<[string, Parameters<typeof createScriptedSink>[0]]>([
  ['the sink hangs while it opens', { start: never }],
  ['the sink is away while it opens', { start: () => Promise.reject(unavailable(hour)) }],
  ['the sink hangs while it tells its cursor', { cursor: never }]
])('a stop does not wait when %s: nothing is on its way', async (_, script) => {
  const { sink, stops } = createScriptedSink(script)
  const { lane, journal } = openLane(sink)
  journal.append(line('a'))
  lane.start()
  for (let i = 0; i < 10; i++) await turn()
  await lane.stop(hour)
  expect([lane.status().state, stops.length]).toEqual(['stopped', 1])
})

test('a sink that heeds no signal does not hold up a stop beyond its deadline', async () => {
  const gate = createGate<Refusals>()
  const { sink } = createScriptedSink({ write: gate.ask })
  const { lane, journal } = openLane(sink)
  journal.append(line('a'))
  lane.start()
  const late = await gate.nth(0)
  await lane.stop(5)
  late.resolve(allStored)
  await turn()
  expect(lane.status()).toMatchObject({ state: 'stopped', position: 0 })
})

test('a lane may be stopped twice, before it was started, and with a sink that fails to close', async () => {
  const { sink, stops } = createScriptedSink({ stop: () => Promise.reject(new Error('no')) })
  const { lane } = openLane(sink)
  await Promise.all([lane.stop(hour), lane.stop(hour)])
  lane.start()
  await lane.stop(hour)
  expect(stops.length).toBe(1)
  expect(lane.status()).toMatchObject({ state: 'stopped', lastError: { message: 'no' } })
})

test('a lane is well again when the last of its batches is', async () => {
  const gate = createGate<Refusals>()
  const { sink } = createScriptedSink({ limits: { maxEvents: 1, maxInFlight: 2 }, write: gate.ask })
  const { lane, journal, news, until, done } = openLane(sink)
  for (const name of ['a', 'b', 'c']) journal.append(line(name))
  lane.start()
  const busy: Refusals = { ...allStored, retry: [{ index: 0, reason: 'busy' }] }
  ;(await gate.nth(0)).resolve(busy)
  const b = await gate.nth(1)
  const again = await gate.nth(2)
  b.resolve(busy)
  const bAgain = await gate.nth(3)
  bAgain.resolve(allStored)
  await turn()
  expect(lane.status()).toMatchObject({ state: 'retrying', retries: 2, lastError: { message: 'busy' } })
  again.resolve(allStored)
  ;(await gate.nth(4)).resolve(allStored)
  await done()
  await until(() => lane.status().state === 'running')
  expect(news.map(({ kind }) => kind)).toEqual(['retry', 'retry', 'recovered'])
})

test.each<['oldest' | 'now', string[]]>([
  ['oldest', ['before', 'after']],
  ['now', ['after']]
])('a new lane that begins at `%s` keeps that place, though its sink is away until it is stopped', async (start, texts) => {
  const journal = createMemoryJournal()
  journal.append(line('before'))
  const away = openLane(createScriptedSink({ start: never }).sink, { journal, options: { start } })
  away.lane.start()
  while (journal.commits.length === 0) await turn()
  await away.lane.stop(hour)
  journal.append(line('after'))
  const { sink, writes } = createScriptedSink()
  const { lane, done } = openLane(sink, { journal, options: { start } })
  lane.start()
  await done()
  expect(writes.flat()).toEqual(texts)
})

test('a cursor behind the journal’s end belongs to a journal that is gone: all is read', async () => {
  const journal = createMemoryJournal()
  journal.append(line('a'))
  const note = { ledger: { ...emptyLedger, received: 7, stored: 7 }, receiptTime: 1 }
  journal.setCursor('lane', { offset: 1e9, note })
  const { sink, writes } = createScriptedSink({ cursor: async () => ({ offset: 1e9, note }) })
  const { lane, done } = openLane(sink, { journal })
  lane.start()
  await done()
  expect(writes).toEqual([['a']])
  expect(lane.status().ledger).toMatchObject({ received: 8, stored: 8 })
})

test('the cursor that a sink keeps counts where it has come further; else the lane’s own books do', async () => {
  const journal = createMemoryJournal()
  const [a, b] = ['a', 'b', 'c'].map(text => journal.append(line(text)))
  const books = (stored: number, duplicate: number) => ({
    ledger: { ...emptyLedger, received: stored + duplicate, stored, duplicate },
    receiptTime: 1
  })
  journal.setCursor('lane', { offset: a!.nextPosition, note: books(0, 1) })
  let inSink = { offset: b!.nextPosition, note: books(1, 1) }
  const { sink, writes } = createScriptedSink({ cursor: async () => inSink })
  const first = openLane(sink, { journal })
  first.lane.start()
  await first.done()
  await first.lane.stop(hour)
  expect(writes).toEqual([['c']])
  inSink = { offset: journal.end, note: books(3, 0) }
  journal.append(line('d'))
  const second = openLane(sink, { journal })
  second.lane.start()
  await second.done()
  expect(second.lane.status().ledger).toEqual({ ...emptyLedger, received: 4, stored: 3, duplicate: 1 })
})

test('the journal hears at once where the lane is, also where the sink is further: it may be full and wait for that', async () => {
  const journal = createMemoryJournal()
  const [first] = ['a', 'b'].map(text => journal.append(line(text)))
  const note = { ledger: { ...emptyLedger, received: 1, stored: 1 }, receiptTime: 1 }
  journal.setCursor('lane', { offset: first!.nextPosition, note })
  const heard: number[] = []
  const { sink } = createScriptedSink({ cursor: async () => ({ offset: journal.end, note }) })
  const { lane } = openLane(sink, { journal, options: { onCommit: offset => void heard.push(offset) } })
  lane.start()
  await journal.idle()
  expect(heard).toEqual([first!.nextPosition, journal.end])
  expect(journal.commits).toEqual([{ lane: 'lane', offset: journal.end, note: { ...note, lost: [] } }])
})

test('a lane that must skip does so while a batch is on its way, and counts what it gave up', async () => {
  const gate = createGate<Refusals>()
  const { sink, writes } = createScriptedSink({ limits: { maxEvents: 1 }, write: gate.ask })
  const { lane, journal, news, done } = openLane(sink)
  const [, , third] = ['a', 'b', 'c', 'd'].map(text => journal.append(line(text)))
  lane.start()
  await gate.nth(0)
  lane.skip(third!.position)
  ;(await gate.nth(1)).resolve(allStored)
  ;(await gate.nth(2)).resolve(allStored)
  await done()
  expect(writes).toEqual([['a'], ['c'], ['d']])
  const [first, second] = journal.records
  const [from, to] = [first!.receiptTime, second!.receiptTime]
  const span = { reason: 'journal_full', frames: 2, from, to, begin: 0, end: third!.position, stretches: 1 }
  expect(news).toEqual([{ kind: 'lost', span }])
  expect(lane.status().ledger).toEqual({ ...emptyLedger, received: 4, stored: 2, lost: 2 })
  expect([lane.status().lost, journal.commits.at(-1)!.note.lost]).toEqual([[span], [span]])
})

test('a lane that must skip gives up nothing that its sink has: a sink with a cursor of its own is asked first', async () => {
  let inSink: Cursor | undefined
  const gate = createGate<Refusals>()
  const { sink } = createScriptedSink({
    limits: { maxEvents: 1 },
    cursor: async () => inSink,
    write: async (_texts, _signal, through) => {
      inSink = through && { offset: through.position.offset, note: through.note }
      return gate.ask()
    }
  })
  const { lane, journal, done } = openLane(sink)
  const [, second, third] = ['a', 'b', 'c'].map(text => journal.append(line(text)))
  lane.start()
  await gate.nth(0) // it has taken a, and the lane does not know
  lane.skip(third!.position)
  ;(await gate.nth(1)).resolve(allStored)
  await done()
  const { ledger, lost } = lane.status()
  expect(ledger).toEqual({ ...emptyLedger, received: 3, stored: 2, lost: 1 })
  expect(lost).toMatchObject([{ frames: 1, begin: second!.position, end: third!.position }])
})

test('a lane skips also when its sink has never opened', async () => {
  const { sink } = createScriptedSink({ start: never })
  const { lane, journal, until } = openLane(sink)
  const second = [line('a'), line('b')].map(frames => journal.append(frames))[1]!
  lane.start()
  for (let i = 0; i < 10; i++) await turn()
  lane.skip(second.position)
  await until(() => lane.status().position === second.position)
  expect(lane.status()).toMatchObject({ state: 'starting', ledger: { ...emptyLedger, received: 1, lost: 1 } })
})

test('a skip that is cut short commits nothing: what it has not counted would be missing in the books', async () => {
  const journal = createMemoryJournal()
  const { lane } = openLane(createScriptedSink({ start: never }).sink, { journal })
  const third = ['a', 'b', 'c'].map(text => journal.append(line(text)))[2]!
  const reading = Promise.withResolvers<void>()
  journal.onRead(async position => {
    if (position > 0) {
      reading.resolve()
      await turn()
    }
  })
  lane.skip(third.position)
  lane.start()
  await reading.promise
  await lane.stop(hour)
  expect(journal.commits.map(({ offset }) => offset)).toEqual([0])
})

test('a lane that is past where it should skip to is left alone', async () => {
  let lives = 0
  const { sink, writes } = createScriptedSink()
  const { lane, journal, done } = openLane(sink, { options: { onReady: () => void lives++ } })
  const second = ['a', 'b'].map(text => journal.append(line(text)))[1]!
  lane.start()
  await done()
  lane.skip(second.position)
  journal.append(line('c'))
  await done()
  expect([writes.flat(), lives]).toEqual([['a', 'b', 'c'], 1])
})

test('a commit that fails for long is tried with pauses; then the lane goes on and the books balance', async () => {
  const { sink } = createScriptedSink()
  const { lane, journal, news, done, until } = openLane(sink)
  lane.start()
  await journal.idle()
  let failures = 5
  journal.onCommit(async () => {
    if (failures-- > 0) throw new Error('ENOSPC')
  })
  journal.append(line('a'))
  await until(() => news.length === 2)
  expect(lane.status()).toMatchObject({ state: 'retrying', lastError: { code: 'JOURNAL_FAILING', message: 'ENOSPC' } })
  await done()
  expect(news.length).toBe(5)
  expect(lane.status()).toMatchObject({ state: 'running', ledger: { ...emptyLedger, received: 1, stored: 1 } })
})

test('a hundred thousand records leave no listeners behind', async () => {
  const warnings: Error[] = []
  const warned = (warning: Error): void => void warnings.push(warning)
  process.on('warning', warned)
  onTestFinished(() => void process.off('warning', warned))
  const journal = createMemoryJournal()
  const shared = openDecode(journal)
  const listeners: number[] = []
  let signal: AbortSignal | undefined
  const read = shared.createReader
  shared.createReader = () => {
    const reader = read()
    return { ...reader, next: (position, reading) => reader.next(position, (signal = reading)) }
  }
  const { sink, writes } = createScriptedSink({
    limits: { maxEvents: 100, maxInFlight: 2 },
    write(_texts, aborted) {
      if (writes.length % 100 === 0)
        listeners.push(getEventListeners(aborted, 'abort').length + getEventListeners(signal!, 'abort').length)
      return allStored
    }
  })
  const { lane, done } = openLane(sink, { journal, shared })
  journal.appendCopies(line('x'), 100_000)
  lane.start()
  await done()
  expect(warnings).toEqual([])
  expect([listeners.length, Math.max(...listeners) <= 6]).toEqual([10, true])
}, 30_000)

function atTime(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: ms })
  onTestFinished(() => void vi.useRealTimers())
}

test('a lane that never committed lags by the age of the oldest record, and by nothing when it has', async () => {
  atTime(receiptTime + 90_000)
  const opening = Promise.withResolvers<void>()
  const { lane, journal, done } = openLane(createScriptedSink({ start: () => opening.promise }).sink)
  const lagSeconds = () => lane.status().lagSeconds
  lane.start()
  await turn()
  expect(lagSeconds()).toBe(0)
  journal.append(line('a'))
  journal.append(line('b'))
  expect(lagSeconds()).toBe(0) // it is being looked up
  await turn()
  expect(lagSeconds()).toBe(90)
  vi.setSystemTime(receiptTime + 120_000)
  expect(lagSeconds()).toBe(120)
  opening.resolve()
  await done()
  expect(lagSeconds()).toBe(0)
})

test('a line after an idle hour does not lag by an hour', async () => {
  const { lane, journal, done } = openLane(
    createScriptedSink({ write: texts => (texts.includes('b') ? never() : allStored) }).sink
  )
  journal.append(line('a'))
  lane.start()
  await done()
  atTime(receiptTime + hour)
  expect(lane.status().lagSeconds).toBe(0)
  journal.append(line('b'), { receivedAt: receiptTime + hour - 2000 })
  lane.status()
  await turn()
  expect(lane.status().lagSeconds).toBe(2)
})

/** Fails on every batch that has the text. */
const failingOn = (text: string): Processor => ({
  name: 'failing',
  process(events) {
    if (events.some(event => textOf(event) === text)) throw new TypeError('a bug')
    return events
  }
})

test.each([
  'shared',
  'own'
])('an event on which a processor (%s) fails is marked and delivered, with those around it', async where => {
  const journal = createMemoryJournal()
  const processors = [failingOn('b')]
  const marks: unknown[] = []
  const { sink, writes } = createScriptedSink()
  const write = sink.write
  sink.write = (batch, ...rest) => {
    marks.push(...batch.map(event => event.marks))
    return write(batch, ...rest)
  }
  const { lane, done, dead } = openLane(sink, {
    journal,
    ...(where === 'own' ? { processors } : { shared: openDecode(journal, { processors }) })
  })
  journal.append(['a', 'b', 'c'].flatMap(line))
  lane.start()
  await done()
  expect([writes, marks, dead]).toEqual([[['a', 'b', 'c']], [[], ['processor_failed'], []], []])
})

test('metrics and platform events on which a processor fails are marked too', () => {
  const given = eventsOf(framesOf('syslog-all'))
  const failing: Processor = {
    name: 'failing',
    process() {
      throw new TypeError('a bug')
    }
  }
  const kept = runProcessors([failing], given, 0)
  expect(kept.map(({ id, kind, marks }) => ({ id, kind, marks }))).toEqual(
    given.map(({ id, kind, marks }) => ({ id, kind, marks: [...marks, 'processor_failed'] }))
  )
})

test('an event that the sink cannot write goes to the dead letters, and the lane goes on', async () => {
  const { sink } = createScriptedSink({
    write(texts) {
      if (texts.includes('b')) throw new TypeError('a bug')
      return allStored
    }
  })
  const { lane, journal, done, dead } = openLane(sink)
  journal.append(['a', 'b', 'c'].flatMap(line))
  lane.start()
  await done()
  expect([dead, lane.status().ledger]).toEqual([['b'], { ...emptyLedger, received: 3, stored: 2, dead: 1 }])
})

test('a lane that is stopped reads no more; one that is to read on does, to that place, and no further', async () => {
  const gate = createGate<Refusals>()
  for (const [to, texts] of [
    [0, ['a']],
    [2, ['a', 'b', 'c']]
  ] as const) {
    const { sink, writes } = createScriptedSink({ limits: { maxEvents: 1 }, write: gate.ask })
    const { lane, journal } = openLane(sink)
    const records = ['a', 'b', 'c'].map(text => journal.append(line(text)))
    lane.start()
    const first = gate.asked
    const write = await gate.nth(first)
    const stopped = lane.stop(hour, to === 0 ? 0 : records[to]!.nextPosition)
    journal.append(line('d'))
    write.resolve(allStored)
    for (let i = 1; i < texts.length; i++) (await gate.nth(first + i)).resolve(allStored)
    await stopped
    expect(writes.flat()).toEqual(texts)
    expect(lane.status()).toMatchObject({ state: 'stopped', position: records[to]!.nextPosition })
  }
})

test('a lane that is to read on and has read all of it waits for nothing', async () => {
  const { sink } = createScriptedSink({ limits: { maxAgeMs: hour } })
  const { lane, journal } = openLane(sink)
  journal.append(line('a'))
  lane.start()
  await journal.idle()
  await lane.stop(hour, journal.end)
  expect(lane.status()).toMatchObject({ state: 'stopped', position: journal.end })
})

test('a lane that is to read on tries a store that is away until the deadline, and begins no other life after it', async () => {
  let tries = 0
  const { sink } = createScriptedSink({
    async start() {
      tries++
      throw unavailable()
    }
  })
  const { lane, journal, news, until } = openLane(sink)
  journal.append(line('a'))
  lane.start()
  await until(() => news.length === 1)
  const stopped = lane.stop(50, journal.end)
  await until(() => news.length === 3)
  await stopped
  const before = tries
  await turn()
  expect([lane.status().state, tries]).toEqual(['stopped', before])
})
