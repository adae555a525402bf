import { expect, test } from 'vitest'
import { allStored, type Refusals, type Sink } from '../src/core/contract.ts'
import { CulvertError } from '../src/core/errors.ts'
import { type AttemptOptions, createAttempts, maxRetryAfterMs, waitOf } from '../src/delivery-attempts.ts'
import { emptyLedger } from '../src/ledger.ts'
import { createScriptedSink, refused, textOf, unavailable } from './delivery/scripted-sink.ts'
import { appLine, eventsOf } from './sinks/wire-events.ts'

const events = (...texts: string[]) => eventsOf(texts.map(text => appLine(text)))
const never = new AbortController().signal

/** Attempts at a sink that answers as the script says; keeps what was written, dead and retried. */
function subject(write: (texts: string[]) => Refusals) {
  const calls: string[][] = []
  const dead: [text: string, reason: string][] = []
  const waits: number[] = []
  const refusals: number[] = []
  const sink: Sink = {
    kind: 'scripted',
    limits: { maxEvents: 1000, maxBytes: 1000, maxAgeMs: 10, maxInFlight: 1 },
    accepts: () => true,
    start: async () => {},
    stop: async () => {},
    write: async batch => {
      calls.push(batch.map(textOf))
      return write(batch.map(textOf))
    }
  }
  const deliver = createAttempts({
    sink,
    deadLetters: {
      append: async letters =>
        void dead.push(...letters.map(({ event, reason }): [string, string] => [textOf(event), reason]))
    },
    onRetry: (_error, _events, waitMs) => void waits.push(waitMs),
    onRefused: events => void refusals.push(events),
    onRecovered: () => {},
    minWaitMs: 1,
    maxWaitMs: 4
  })
  return { deliver, calls, dead, waits, refusals }
}

test('a poisonous event among a thousand is dead alone, all others are stored', async () => {
  const texts = Array.from({ length: 1000 }, (_, i) => (i === 777 ? 'poison' : `${i}`))
  const { deliver, calls, dead } = subject(batch => {
    if (batch.includes('poison')) throw refused()
    return allStored
  })
  expect(await deliver(events(...texts), never, undefined)).toEqual({ stored: 999, duplicate: 0, dead: 1 })
  expect(dead).toEqual([['poison', 'bad batch']])
  expect(calls.length).toBeLessThan(25)
})

test('only what the store did not take is sent again, for as long as it takes', async () => {
  let tries = 0
  const { deliver, calls, dead, refusals } = subject(batch => {
    tries++
    if (tries === 1) throw unavailable()
    if (tries === 2)
      return { retry: [{ index: 1, reason: 'busy' }], rejected: [{ index: 0, reason: 'mapping' }], duplicates: 1 }
    if (tries < 6) return { retry: batch.map((_, index) => ({ index, reason: 'busy' })), rejected: [], duplicates: 0 }
    return allStored
  })
  expect(await deliver(events('a', 'b', 'c'), never, undefined)).toEqual({ stored: 1, duplicate: 1, dead: 1 })
  expect(calls).toEqual([['a', 'b', 'c'], ['a', 'b', 'c'], ['b'], ['b'], ['b'], ['b']])
  expect(dead).toEqual([['a', 'mapping']])
  expect(refusals).toEqual([2, 1, 1, 1])
})

test('the pause that the service asks for is kept', async () => {
  let tries = 0
  const { deliver, waits } = subject(() => {
    if (tries++ === 0) throw unavailable(30)
    return allStored
  })
  await deliver(events('a'), never, undefined)
  expect(waits).toEqual([30])
})

test('an abort ends the retries; nothing is dead', async () => {
  const abort = new AbortController()
  const { deliver, dead } = subject(() => {
    setImmediate(() => abort.abort())
    throw unavailable(60_000)
  })
  await expect(deliver(events('a'), abort.signal, undefined)).rejects.toMatchObject({ name: 'AbortError' })
  expect(dead).toEqual([])
})

test('an error that nobody expected is retried, not lost', async () => {
  let tries = 0
  const { deliver } = subject(() => {
    if (tries++ === 0) throw new TypeError('a bug')
    return allStored
  })
  expect(await deliver(events('a'), never, undefined)).toEqual({ stored: 1, duplicate: 0, dead: 0 })
})

/** Attempts with parts of their options replaced. */
const attempts = (sink: Sink, options: Partial<AttemptOptions>) =>
  createAttempts({
    sink,
    deadLetters: { append: async () => {} },
    onRetry: () => {},
    onRecovered: () => {},
    minWaitMs: 1,
    maxWaitMs: 4,
    ...options
  })

test('a pause of days that a service asks for is cut to an hour: a timer of more than 24 days would fire at once', () => {
  expect(waitOf(0, 1e12, 200, 30_000)).toBe(maxRetryAfterMs)
})

test('pauses grow, keep half of them at least, and are never none', () => {
  const waits = Array.from({ length: 40 }, (_, failures) => waitOf(failures, undefined, 200, 30_000))
  const full = waits.map((_, failures) => Math.min(30_000, 200 * 2 ** failures))
  expect(waits.every((wait, i) => wait >= full[i]! / 2 && wait <= full[i]!)).toBe(true)
})

test('a call that is refused as a whole comes to an end also where every part of it is refused', async () => {
  const { deliver, calls, dead, waits } = subject(() => {
    throw refused()
  })
  expect(await deliver(events('a', 'b', 'c', 'd'), never, undefined)).toEqual({ stored: 0, duplicate: 0, dead: 4 })
  expect([calls.length, dead.length, waits]).toEqual([7, 4, []])
})

test('half a batch that is away is sent again; the other half is settled', async () => {
  let away = true
  const { deliver, calls, dead } = subject(batch => {
    if (batch.length > 2) throw refused()
    if (batch.includes('c') && away) {
      away = false
      throw unavailable()
    }
    return allStored
  })
  expect(await deliver(events('a', 'b', 'c', 'd'), never, undefined)).toEqual({ stored: 4, duplicate: 0, dead: 0 })
  expect(calls).toEqual([
    ['a', 'b', 'c', 'd'],
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd']
  ])
  expect(dead).toEqual([])
})

test('the cursor goes with the last part only, when all before it is settled and its dead letters are synced', async () => {
  const happened: string[] = []
  const { sink } = createScriptedSink({
    write(texts, _signal, given) {
      happened.push(`${texts.join('')} ${given === undefined ? 'without' : 'with'}`)
      if (texts.length > 1 || texts[0] === 'a') throw refused()
      return allStored
    }
  })
  const deliver = attempts(sink, { deadLetters: { append: async () => void happened.push('dead') } })
  const through = { position: { partition: 0, offset: 1 }, note: { ledger: emptyLedger, receiptTime: 0 } }
  await deliver(events('a', 'b'), never, through)
  expect(happened).toEqual(['ab with', 'a without', 'dead', 'b with'])
})

test('the cursor does not go with a part while another is to be sent again', async () => {
  const happened: string[] = []
  let away = true
  const { sink } = createScriptedSink({
    write(texts, _signal, given) {
      happened.push(`${texts.join('')} ${given === undefined ? 'without' : 'with'}`)
      if (texts.length > 1) throw refused()
      if (!away || texts[0] !== 'a') return allStored
      away = false
      throw unavailable()
    }
  })
  const through = { position: { partition: 0, offset: 1 }, note: { ledger: emptyLedger, receiptTime: 0 } }
  await attempts(sink, {})(events('a', 'b'), never, through)
  expect(happened).toEqual(['ab with', 'a without', 'b without', 'a with'])
})

test('dead letters that cannot be written are tried again with pauses, and their events are not sent again', async () => {
  let failures = 3
  const letters: number[] = []
  const errors: string[] = []
  const { sink, writes } = createScriptedSink({
    write: texts => ({ ...allStored, rejected: texts.map((_, index) => ({ index, reason: 'no' })) })
  })
  const deliver = attempts(sink, {
    deadLetters: {
      async append(given) {
        if (failures-- > 0) throw new Error('ENOSPC')
        letters.push(given.length)
      }
    },
    onRetry: ({ code }) => void errors.push(code)
  })
  expect(await deliver(events('a', 'b'), never, undefined)).toEqual({ stored: 0, duplicate: 0, dead: 2 })
  expect([writes.length, letters, errors]).toEqual([1, [2], Array(3).fill('DEAD_LETTERS_FAILING')])
})

test('an abort ends the wait for dead letters that cannot be written', async () => {
  const abort = new AbortController()
  const { sink } = createScriptedSink({
    write: () => ({ ...allStored, rejected: [{ index: 0, reason: 'no' }] })
  })
  const deliver = attempts(sink, {
    deadLetters: { append: () => Promise.reject(new Error('ENOSPC')) },
    onRetry: () => abort.abort()
  })
  await expect(deliver(events('a'), abort.signal, undefined)).rejects.toMatchObject({ name: 'AbortError' })
})

test('nothing is written once the signal has aborted, and a sink that heeds no signal is not waited for', async () => {
  const abort = new AbortController()
  const { sink, writes } = createScriptedSink({
    write() {
      setImmediate(() => abort.abort())
      return new Promise(() => {})
    }
  })
  const deliver = attempts(sink, {})
  await expect(deliver(events('a'), abort.signal, undefined)).rejects.toMatchObject({ name: 'AbortError' })
  await expect(deliver(events('b'), abort.signal, undefined)).rejects.toMatchObject({ name: 'AbortError' })
  expect(writes).toEqual([['a']])
})

test('an event that the sink cannot write is dead alone, with the reason; all others are stored', async () => {
  const texts = Array.from({ length: 100 }, (_, i) => (i === 42 ? 'poison' : `${i}`))
  const { deliver, dead, waits } = subject(batch => {
    if (batch.includes('poison')) throw new TypeError('Cannot read properties of undefined')
    return allStored
  })
  expect(await deliver(events(...texts), never, undefined)).toEqual({ stored: 99, duplicate: 0, dead: 1 })
  expect(dead).toEqual([['poison', 'The event cannot be written: Cannot read properties of undefined']])
  expect(waits).toHaveLength(5)
})

/** Attempts at a store that has what `known` says; keeps what was written and looked up. */
function lookingUp(script: Parameters<typeof createScriptedSink>[0]) {
  const scripted = createScriptedSink(script)
  const errors: [code: string, message: string][] = []
  const deliver = attempts(scripted.sink, { onRetry: ({ code, message }) => void errors.push([code, message]) })
  return { ...scripted, deliver, errors }
}

test('what was never sent is not looked up', async () => {
  const { deliver, lookups } = lookingUp({ known: () => [] })
  expect(await deliver(events('a', 'b'), never, undefined)).toEqual({ stored: 2, duplicate: 0, dead: 0 })
  expect(lookups).toEqual([])
})

test('what may have been sent before is looked up; what is there is a duplicate and not sent', async () => {
  const { deliver, writes, lookups } = lookingUp({ known: () => ['a', 'c'] })
  expect(await deliver(events('a', 'b', 'c'), never, undefined, true)).toEqual({ stored: 1, duplicate: 2, dead: 0 })
  expect([lookups, writes]).toEqual([[['a', 'b', 'c']], [['b']]])
})

test('nothing is written where all of it is there', async () => {
  const { deliver, writes } = lookingUp({ known: texts => texts })
  expect(await deliver(events('a', 'b'), never, undefined, true)).toEqual({ stored: 0, duplicate: 2, dead: 0 })
  expect(writes).toEqual([])
})

const busy = (uncertain: boolean) => ({ ...allStored, retry: [{ index: 0, reason: 'busy', uncertain }] })
const turnedAway = () =>
  new CulvertError('SINK_UNAVAILABLE', 'too much to do', { retryable: true, untouched: true, retryAfterMs: 1 })
const thrown = (error: Error) => () => {
  throw error
}

test.each<[string, number, () => Refusals]>([
  ['a call without an answer', 1, thrown(unavailable())],
  ['a mistake of ours', 1, thrown(new TypeError('a bug'))],
  ['a call that the store turned away', 0, thrown(turnedAway())],
  ['an event that the store did not take', 0, () => busy(false)],
  ['an event that the store may have taken', 1, () => busy(true)]
])('after %s there are %i lookups', async (_, times, first) => {
  const { deliver, writes, lookups } = lookingUp({
    known: () => [],
    write: () => (writes.length === 1 ? first() : allStored)
  })
  expect(await deliver(events('a'), never, undefined)).toEqual({ stored: 1, duplicate: 0, dead: 0 })
  expect([writes.length, lookups.length]).toEqual([2, times])
})

test.each([
  ['SINK_UNAVAILABLE', unavailable()],
  ['SINK_UNAVAILABLE', refused()],
  ['SINK_UNAVAILABLE', new TypeError('a bug')],
  ['SINK_UNAUTHORIZED', new CulvertError('SINK_UNAUTHORIZED', 'no right to read', { retryable: true })]
])('a lookup that fails is tried until it succeeds, nothing is sent meanwhile, and nothing is dead: %s', async (code, error) => {
  const { deliver, writes, lookups, errors } = lookingUp({
    known: () => (lookups.length < 9 ? Promise.reject(error) : ['a'])
  })
  expect(await deliver(events('a', 'b'), never, undefined, true)).toEqual({ stored: 1, duplicate: 1, dead: 0 })
  expect([lookups.length, writes]).toEqual([9, [['b']]])
  const message = `${error.message} (when asked what it has already)`
  expect(errors).toEqual(Array(8).fill([code, message]))
})

test('a call that is refused as a whole is halved without lookups, unless it may have been sent before', async () => {
  const poisoned = (texts: string[]) => {
    if (texts.includes('poison')) throw refused()
    return allStored
  }
  const texts = Array.from({ length: 16 }, (_, i) => (i === 5 ? 'poison' : `${i}`))
  const { deliver, lookups } = lookingUp({ known: () => [], write: poisoned })
  expect(await deliver(events(...texts), never, undefined, true)).toEqual({ stored: 15, duplicate: 0, dead: 1 })
  expect(lookups).toEqual([texts])
})

test('half a batch without an answer is looked up, and the other half is not', async () => {
  let away = true
  const { deliver, writes, lookups } = lookingUp({
    known: () => ['d'],
    write(texts) {
      if (texts.length > 2) throw refused()
      if (!away || texts[0] !== 'c') return allStored
      away = false
      throw unavailable()
    }
  })
  const outcome = await deliver(events('a', 'b', 'c', 'd'), never, undefined)
  expect(outcome).toEqual({ stored: 3, duplicate: 1, dead: 0 })
  expect(lookups).toEqual([['c', 'd']])
  expect(writes).toEqual([['a', 'b', 'c', 'd'], ['a', 'b'], ['c', 'd'], ['c']])
})

test('more events than the sink takes in a write are looked up in parts', async () => {
  const { deliver, lookups } = lookingUp({ limits: { maxEvents: 2 }, known: () => [] })
  await deliver(events('a', 'b', 'c'), never, undefined, true)
  expect(lookups).toEqual([['a'], ['b', 'c']])
})

test('an abort ends a lookup, whether the sink heeds it or not', async () => {
  const abort = new AbortController()
  const { deliver, writes } = lookingUp({
    known() {
      setImmediate(() => abort.abort())
      return new Promise(() => {})
    }
  })
  await expect(deliver(events('a'), abort.signal, undefined, true)).rejects.toMatchObject({ name: 'AbortError' })
  expect(writes).toEqual([])
})
