import { expect, test } from 'vitest'
import { allStored, type Refusals, type Sink } from '../src/core/contract.ts'
import { CulvertError } from '../src/core/errors.ts'
import type { Event } from '../src/core/event.ts'
import { createAttempts } from '../src/delivery-attempts.ts'
import { appLine, eventsOf } from './sinks/wire-events.ts'

const textOf = (event: Event): string => (event.kind === 'log' ? event.text : '')
const events = (...texts: string[]) => eventsOf(texts.map(text => appLine(text)))
const never = new AbortController().signal

/** Attempts at a sink that answers as the script says; keeps what was written, dead and retried. */
function subject(write: (texts: string[]) => Refusals) {
  const calls: string[][] = []
  const dead: [text: string, reason: string][] = []
  const waits: number[] = []
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
    onRecovered: () => {},
    minWaitMs: 1,
    maxWaitMs: 4
  })
  return { deliver, calls, dead, waits }
}

const unavailable = (retryAfterMs?: number) =>
  new CulvertError('SINK_UNAVAILABLE', 'away', { retryable: true, retryAfterMs })

test('a poisonous event among a thousand is dead alone, all others are stored', async () => {
  const texts = Array.from({ length: 1000 }, (_, i) => (i === 777 ? 'poison' : `${i}`))
  const { deliver, calls, dead } = subject(batch => {
    if (batch.includes('poison')) throw new CulvertError('SINK_REFUSED_BATCH', 'bad line')
    return allStored
  })
  expect(await deliver(events(...texts), never, undefined)).toEqual({ stored: 999, duplicate: 0, dead: 1 })
  expect(dead).toEqual([['poison', 'bad line']])
  expect(calls.length).toBeLessThan(25)
})

test('only what the store did not take is sent again, for as long as it takes', async () => {
  let tries = 0
  const { deliver, calls, dead } = subject(batch => {
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
