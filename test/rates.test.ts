import { expect, test } from 'vitest'
import { createRateCounter, createRateRing, keptSeconds, statusClasses } from '../src/rates.ts'
import { appLine, eventsOf } from './sinks/wire-events.ts'

const levels = { trace: 0, debug: 0, info: 0, warn: 0, error: 0, fatal: 0 }
const statuses = { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, none: 0 }

/** The counts of one second, by name. */
function countsOf(rates: ReturnType<ReturnType<typeof createRateRing>['rates']>, second: number) {
  const at = second - rates.from / 1000
  const pick = (columns: Readonly<Record<string, readonly number[]>>) =>
    Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[at]]))
  return { levels: pick(rates.levels), statuses: pick(rates.statuses), metrics: rates.metrics[at] }
}

const routerLine = (status: string) =>
  `<14>1 2026-11-24T04:29:03.785942+00:00 acme.prod-space.shop-api guid [RTR/0] - - shop.example - [2026-11-24T04:29:03.785942000Z] "GET / HTTP/1.1" ${status} 0 5 "-" "curl" "10.0.0.1:1" "10.0.0.2:2" x_forwarded_for:"-" x_forwarded_proto:"https" vcap_request_id:"a" response_time:0.1 app_id:"guid" app_index:"0"\n`
const gauge =
  '<14>1 2026-11-24T04:29:03.785942+00:00 acme.prod-space.shop-api guid [1] - [gauge@47450 name="cpu" value="1" unit="percentage"] \n'

test('lines count by level, requests by class, metrics of any kind, each in the second of its receipt', () => {
  const counter = createRateCounter()
  counter.count(eventsOf([appLine('a'), appLine('{"level":"warn","msg":"b"}'), gauge]), 10_999)
  counter.count(eventsOf([routerLine('200'), routerLine('503'), routerLine('"-"')]), 11_000)
  counter.count(eventsOf([appLine('c')]), 11_999)
  const ring = createRateRing()
  ring.add(counter.take(), 12_000)
  const rates = ring.rates(12_000)
  expect(countsOf(rates, 10)).toEqual({ levels: { ...levels, info: 1, warn: 1 }, statuses, metrics: 1 })
  expect(countsOf(rates, 11)).toEqual({
    levels: { ...levels, info: 4 },
    statuses: { ...statuses, '2xx': 1, '5xx': 1, none: 1 },
    metrics: 0
  })
  expect([rates.from, rates.stepMs, rates.metrics.length]).toEqual([(12 - keptSeconds + 1) * 1000, 1000, keptSeconds])
  expect(Object.keys(rates.statuses)).toEqual(statusClasses)
})

test('what was taken is not counted again, and parts of a second add up', () => {
  const counter = createRateCounter()
  const ring = createRateRing()
  for (let i = 0; i < 3; i++) {
    counter.count(eventsOf([appLine('a')]), 5000)
    ring.add(counter.take(), 5000)
  }
  ring.add(counter.take(), 5000)
  expect(countsOf(ring.rates(5000), 5).levels).toEqual({ ...levels, info: 3 })
})

test('of a long backlog the newest seconds are counted, and no more are held', () => {
  const counter = createRateCounter()
  const events = eventsOf([appLine('a')])
  for (let second = 0; second < keptSeconds + 10; second++) counter.count(events, second * 1000)
  const taken = counter.take()
  expect([taken.length, taken[0]?.second, taken.at(-1)?.second]).toEqual([keptSeconds, 10, keptSeconds + 9])
})

test('what was received ahead of the clock, which was set back, counts now', () => {
  const counter = createRateCounter()
  counter.count(eventsOf([appLine('a')]), 9_000_000)
  const ring = createRateRing()
  ring.add(counter.take(), 9_000_000)
  counter.count(eventsOf([appLine('b')]), 9_000_500)
  ring.add(counter.take(), 5000)
  expect(countsOf(ring.rates(5000), 5).levels).toEqual({ ...levels, info: 1 })
  expect(ring.rates(9_000_000).levels['info']).not.toContain(1)
})

test('seconds that are too old are forgotten', () => {
  const ring = createRateRing()
  const counter = createRateCounter()
  counter.count(eventsOf([appLine('a')]), 1000)
  ring.add(counter.take(), 1000)
  expect(ring.rates(1000).levels.info?.at(-1)).toBe(1)
  ring.add([], (keptSeconds + 2) * 1000)
  expect(ring.rates(1000).levels.info?.at(-1)).toBe(0)
})

test('an event that cannot be looked at is left out, and the others count', () => {
  const counter = createRateCounter()
  const [broken] = eventsOf([appLine('a')])
  Object.defineProperty(broken, 'level', {
    get() {
      throw new TypeError('a bug')
    }
  })
  counter.count([...eventsOf([appLine('b')]), broken!, ...eventsOf([appLine('c')])], 10_000)
  const ring = createRateRing()
  ring.add(counter.take(), 10_000)
  expect(countsOf(ring.rates(10_000), 10).levels).toEqual({ ...levels, info: 2 })
})

test('after a start there are no seconds before it, but always a minute, and those of what came before', () => {
  const since = 1_000_000_000
  const ring = createRateRing(since)
  const length = (ms: number) => ring.rates(since + ms).metrics.length
  expect([length(0), length(120_000), length(3_600_000)]).toEqual([60, 121, keptSeconds])
  ring.add([{ second: since / 1000 - 300, counts: new Array(13).fill(1) }], since)
  expect([ring.rates(since).from, length(0)]).toEqual([since - 300_000, 301])
})
