import { expect, test } from 'vitest'
import type { MetricQuery } from '../../../sinks/local/queries.ts'
import { CounterEvent, type Event, GaugeEvent, TimerEvent } from '../../../src/core/event.ts'
import type { Source } from '../../../src/core/source.ts'
import { noon, recordOf, shop, sourceOf } from './events.ts'
import { openReader, openStore } from './in-process.ts'

const second = 1000

type Where = { source?: Source; at?: number; received?: number }

function gauge(name: string, value: number, { source = shop, at = 0, received = noon }: Where = {}): Event {
  return new GaugeEvent([recordOf(['g'], { received }), 0, source, (noon + at) * 1000, 0, []], name, value, 'bytes')
}

function counter(name: string, total: number, delta: number, { source = shop, at = 0 }: Where = {}): Event {
  return new CounterEvent([recordOf(['c']), 0, source, (noon + at) * 1000, 0, []], name, BigInt(total), BigInt(delta))
}

function timer(name: string, ms: number, { source = shop, at = 0 }: Where = {}): Event {
  return new TimerEvent([recordOf(['t']), 0, source, (noon + at) * 1000, 0, []], name, 0n, BigInt(ms * 1e6))
}

/** Each event is a batch of its own: those of another day go into another file. */
async function storeOf(events: readonly Event[]) {
  const store = openStore()
  for (const event of events) store.write([event])
  return openReader(store.dir)
}

const minute: Omit<MetricQuery, 'name'> = { from: noon, to: noon + 59 * second, stepMs: 10 * second }

test('a chart has means of gauges and timers, and increases per second of counters', async () => {
  const queries = await storeOf([
    gauge('memory', 10, { at: 0 }),
    gauge('memory', 20, { at: 9999 }),
    gauge('memory', 50, { at: 30 * second }),
    gauge('memory', 999, { at: 70 * second }),
    timer('http', 4, { at: second }),
    timer('http', 8, { at: 2 * second }),
    counter('requests', 100, 30, { at: second }),
    counter('requests', 150, 50, { at: 8 * second }),
    counter('requests', 150, 0, { at: 12 * second })
  ])
  const source = {
    org: 'acme',
    space: 'prod',
    app: 'shop',
    appId: 'guid-of-shop',
    type: 'APP',
    instance: '0',
    process: 'web'
  }
  expect(await queries.metrics({ name: 'memory', ...minute })).toEqual({
    series: [
      {
        name: 'memory',
        kind: 'gauge',
        unit: 'bytes',
        source,
        points: [
          [noon, 15],
          [noon + 30 * second, 50]
        ]
      }
    ],
    stepMs: 10 * second,
    truncated: false
  })
  const pointsOf = async (name: string) => (await queries.metrics({ name, ...minute })).series.map(one => one.points)
  expect(await pointsOf('http')).toEqual([[[noon, 6]]])
  expect(await pointsOf('requests')).toEqual([
    [
      [noon, 8],
      [noon + 10 * second, 0]
    ]
  ])
})

test('an app has a series per instance, in order, also through files', async () => {
  const instance = (app: string, number: number) => sourceOf(app, { instance: String(number) })
  const day = 86_400_000
  const queries = await storeOf([
    gauge('cpu', 1, { source: instance('shop', 10) }),
    gauge('cpu', 2, { source: instance('shop', 2) }),
    gauge('cpu', 3, { source: instance('cart', 0) })
  ])
  const store = openStore()
  store.write([gauge('cpu', 1)])
  store.write([gauge('cpu', 3, { at: second, received: noon + day })])

  const { series } = await queries.metrics({ name: 'cpu', app: 'shop', ...minute })
  expect(series.map(one => [one.source.app, one.source.instance])).toEqual([
    ['shop', '2'],
    ['shop', '10']
  ])
  expect((await queries.metrics({ name: 'cpu', app: 'guid-of-cart', ...minute })).series).toHaveLength(1)
  const [whole] = (await openReader(store.dir).metrics({ name: 'cpu', ...minute })).series
  expect(whole?.points).toEqual([[noon, 2]])
})

test('points and series are bounded', async () => {
  const sources = Array.from({ length: 205 }, (_, i) => sourceOf('shop', { instance: String(i) }))
  const queries = await storeOf(sources.map(source => gauge('cpu', 1, { source })))
  const day = 86_400_000
  const answer = await queries.metrics({ name: 'cpu', from: noon - day, to: noon + day, stepMs: 1 })
  expect(answer.series).toHaveLength(200)
  expect(answer.truncated).toBe(true)
  expect(answer.stepMs).toBeGreaterThanOrEqual((2 * day) / 2000)
})

test('names within a range, with the apps that have them', async () => {
  const queries = await storeOf([
    gauge('memory', 1),
    gauge('memory', 1, { source: sourceOf('cart') }),
    gauge('memory', 1, { source: sourceOf('old'), at: -3_600_000 }),
    counter('requests', 1, 1),
    timer('old timer', 1, { at: -3_600_000 })
  ])
  expect(await queries.metricNames({ from: noon, to: noon })).toEqual({
    names: [
      { name: 'memory', kind: 'gauge', unit: 'bytes', apps: ['cart', 'shop'] },
      { name: 'requests', kind: 'counter', unit: '', apps: ['shop'] }
    ]
  })
})

test('the last container metrics of each instance that is alive', async () => {
  const now = Date.now()
  const of = (source: Source, ago: number): Where => ({ source, at: now - noon - ago, received: now })
  const first = sourceOf('shop', { instance: '0' })
  const second = sourceOf('shop', { instance: '1' })
  const queries = await storeOf([
    gauge('cpu', 5, of(first, 20_000)),
    gauge('cpu', 6, { ...of(first, 8000), received: now - 86_400_000 }),
    gauge('cpu', 7, of(first, 5000)),
    gauge('memory', 100, of(first, 5000)),
    gauge('memory_quota', 200, of(first, 5000)),
    gauge('disk', 10, of(second, 1000)),
    gauge('disk_quota', 20, of(second, 1000)),
    gauge('other', 1, of(second, 1000)),
    gauge('cpu', 9, of(sourceOf('gone'), 3_600_000)),
    gauge('cpu', 9, of(sourceOf('platform', { app: { id: '', name: '' } }), 1000))
  ])
  const { containers } = await queries.latestContainers()
  expect(containers).toEqual([
    { source: expect.objectContaining({ instance: '0' }), at: now - 5000, cpu: 7, memory: 100, memoryQuota: 200 },
    { source: expect.objectContaining({ instance: '1' }), at: now - 1000, disk: 10, diskQuota: 20 }
  ])
})

test.each<[string, MetricQuery]>([
  ['from', { name: 'cpu', from: noon + 1, to: noon }],
  ['stepMs', { name: 'cpu', stepMs: 0 }]
])('a wrong %s is refused', async (name, query) => {
  const asked = openReader('/nonexistent').metrics(query)
  await expect(asked).rejects.toMatchObject({ code: 'QUERY_INVALID', message: expect.stringMatching(`^${name} `) })
})
