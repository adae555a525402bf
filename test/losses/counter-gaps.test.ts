import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readMetric } from '../../processors/envelope.ts'
import { readSource } from '../../processors/source.ts'
import { CounterEvent } from '../../src/core/event.ts'
import { createCounterGaps, proof, settleMs } from '../../src/losses/counter-gaps.ts'
import { recordOf } from '../sinks/wire-events.ts'

const record = recordOf([])
const sourceOf = (index: string) => readSource('h', 'gorouter', `[${index}]`, { origin: 'gorouter', index }, 'metric')

interface Sent {
  readonly total: number
  readonly delta: number
  /** µs */
  readonly time: number
}

/** What an emitter sends: it adds a delta every second, from a total on. */
const emitted = (deltas: readonly number[], from = 0, time = 0): Sent[] =>
  deltas.map((delta, i) => ({
    delta,
    total: from + deltas.slice(0, i + 1).reduce((sum, other) => sum + other, 0),
    time: time + i * 1e6
  }))

function subject(most?: number) {
  const found: number[] = []
  const gaps = createCounterGaps(({ missing }) => void found.push(missing), most)
  let clock = 0
  const see = ({ total, delta, time }: Sent, source = sourceOf('a'), counted = false): void => {
    const parameters = { name: 'requests', total: String(total), delta: String(delta) }
    const event = readMetric('counter@47450', parameters, [record, 0, source, time, 0, []])
    if (!(event instanceof CounterEvent)) throw new Error('no counter')
    gaps.see(event, clock++, counted)
  }
  return {
    gaps,
    see,
    found,
    /** All gaps that are left when nothing comes any more. */
    settled(): number[] {
      gaps.settle(clock + settleMs)
      return found
    }
  }
}

const ones = (count: number): number[] => new Array<number>(count).fill(1)
const proven = emitted(ones(proof + 1))

test('what never came is a gap, once it cannot come any more', () => {
  const { gaps, see, found, settled } = subject()
  for (const event of proven) see(event)
  see({ total: proof + 8, delta: 2, time: 1e8 })
  gaps.settle(settleMs - 1)
  expect(found).toEqual([])
  expect(settled()).toEqual([5])
})

test('two losses, one soon after the other', () => {
  const { see, settled } = subject()
  const sent = emitted(ones(100))
  for (const [i, event] of sent.entries()) if (![50, 51, 60].includes(i)) see(event)
  expect(settled()).toEqual([2, 1])
})

test('a series that has not added up yet is not believed', () => {
  const { see, settled } = subject()
  const sent = emitted(ones(proof))
  for (const event of sent) see(event)
  see({ total: 100, delta: 1, time: 1e9 })
  expect(settled()).toEqual([])
})

test('neither is one whose total other emitters share', () => {
  const { see, settled } = subject()
  for (let i = 1; i < 200; i++) see({ total: i + Math.floor(i / 4), delta: 1, time: i * 1e6 })
  expect(settled()).toEqual([])
})

test('an emitter of totals only has no gaps', () => {
  const { see, settled } = subject()
  for (let i = 0; i < 40; i++) see({ total: Math.floor(i / 10) * 1000, delta: 0, time: i * 1e6 })
  expect(settled()).toEqual([])
})

test('neither has one that adds up and then sends a total without a delta', () => {
  const { see, settled } = subject()
  for (const event of proven) see(event)
  see({ total: 500, delta: 0, time: 1e8 })
  expect(settled()).toEqual([])
})

test('an emitter that has begun anew has gaps again, once it is proven', () => {
  const { see, settled } = subject()
  for (const event of emitted(ones(100))) see(event)
  for (const event of emitted(ones(proof + 1), 0, 1e9)) see(event)
  see({ total: proof + 5, delta: 1, time: 2e9 })
  expect(settled()).toEqual([3])
})

test('equal counters of two machines are two', () => {
  const { see, settled } = subject()
  const [a, b] = [sourceOf('a'), sourceOf('b')]
  for (const event of proven) see(event, a)
  for (const event of emitted(ones(proof + 1), 500)) see(event, b)
  see({ total: proof + 2, delta: 1, time: 1e8 }, a)
  see({ total: 500 + proof + 4, delta: 1, time: 1e8 }, b)
  expect(settled()).toEqual([2])
})

test('the same counter by another drain, as another object, is one', () => {
  const { gaps, see, settled } = subject()
  for (const event of proven) see(event, { ...sourceOf('a'), host: 'one' })
  see({ total: proof + 4, delta: 1, time: 1e8 }, { ...sourceOf('a'), host: 'other' })
  expect([gaps.size, settled()]).toEqual([1, [2]])
})

test('what an earlier life has counted is not counted again', () => {
  const { see, settled } = subject()
  for (const event of proven) see(event)
  see({ total: 50, delta: 1, time: 1e8 }, sourceOf('a'), true)
  expect(settled()).toEqual([])
})

test('after something was passed over there is no gap', () => {
  const { gaps, see, settled } = subject()
  for (const event of proven) see(event)
  gaps.forget()
  see({ total: 50, delta: 1, time: 1e8 })
  expect(settled()).toEqual([])
})

test('series are bounded: the silent ones are let go, and counted', () => {
  const { gaps, see, settled } = subject(8)
  for (let i = 0; i < 40; i++) {
    see(emitted(ones(i + 1)).at(-1)!, sourceOf('always'))
    see({ total: 1, delta: 1, time: 0 }, sourceOf(String(i)))
  }
  see({ total: 43, delta: 1, time: 1e9 }, sourceOf('always'))
  expect(gaps.size).toBeLessThanOrEqual(8)
  expect(gaps.forgotten).toBeGreaterThan(30)
  expect(settled()).toEqual([2])
})

/** Events as they come over two connections: in the order of each, mixed anyhow; some of them twice. */
const arrivals = (sent: readonly Sent[]) =>
  fc
    .record({
      connections: fc.array(fc.boolean(), { minLength: sent.length, maxLength: sent.length }),
      picks: fc.array(fc.boolean(), { minLength: sent.length * 2, maxLength: sent.length * 2 }),
      twice: fc.array(fc.boolean(), { minLength: sent.length, maxLength: sent.length })
    })
    .map(({ connections, picks, twice }) => {
      const [first, second] = [true, false].map(side =>
        sent.flatMap((event, i) => (connections[i] === side ? (twice[i] ? [event, event] : [event]) : []))
      )
      return picks.concat(ones(sent.length * 2).map(() => true)).flatMap(pick => {
        const next = (pick ? first!.shift() : second!.shift()) ?? second!.shift()
        return next === undefined ? [] : [next]
      })
    })

const deltas = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 12 })

test('whatever order two connections give, however often, and whenever emitters begin anew: nothing lost is no gap', () => {
  const lives = fc.array(deltas, { minLength: 1, maxLength: 3 }).chain(runs => {
    const sent = runs.flatMap((run, i) => emitted(run, 0, (i + 1) * 1e8))
    return arrivals(sent)
  })
  fc.assert(
    fc.property(lives, order => {
      const { see, settled } = subject()
      for (const event of emitted(ones(proof * 8))) see(event)
      for (const event of order) see(event)
      expect(settled()).toEqual([])
    }),
    { numRuns: 300 }
  )
})

test('whatever order two connections give: what is lost is the gap', () => {
  const mixed = deltas.chain(given => {
    const sent = emitted(given, proof * 8, 1e9)
    return fc.record({ sent: fc.constant(sent), order: arrivals(sent), lost: fc.nat(sent.length - 1) })
  })
  fc.assert(
    fc.property(mixed, ({ sent, order, lost }) => {
      const { see, settled } = subject()
      for (const event of emitted(ones(proof * 8))) see(event)
      for (const event of order) if (event.total !== sent[lost]!.total) see(event)
      const after = sent.at(-1)!
      for (const event of emitted(ones(2), after.total, after.time + 1e6)) see(event)
      expect(settled().reduce((sum, missing) => sum + missing, 0)).toBe(sent[lost]!.delta)
    }),
    { numRuns: 300 }
  )
})
