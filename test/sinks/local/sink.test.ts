import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createLocalSink } from '../../../sinks/local/sink.ts'
import { CounterEvent, type Event, GaugeEvent, PlatformEvent, TimerEvent } from '../../../src/core/event.ts'
import { logRow } from '../../../src/core/plain.ts'
import { logsOf, newDir, noon, openQueries, openSink, recordOf, shop, signal, sourceOf, throughOf } from './events.ts'

const routerLine =
  'shop.example.com - [2026-11-24T12:00:00.000000000Z] "GET /cart?id=7 HTTP/1.1" 502 0 17 "-" "curl/8.5.0" "10.0.0.9:40000" ' +
  '"10.0.1.2:61000" x_forwarded_for:"203.0.113.9" x_forwarded_proto:"https" vcap_request_id:"8b7f" response_time:0.25 ' +
  'gorouter_time:0.000100 app_id:"guid-of-shop" app_index:"0" instance_id:"i" x_cf_routererror:"endpoint_failure"'

/** One of every kind of log, with what is hard to keep: quotes, escapes, tabs, other scripts, broken bytes. */
const everyLog = (): Event[] => [
  ...logsOf(['plain "text" with \\ and\ttabs and \u0000 nul', 'Grüße, 世界 🚀'], { priority: 11 }),
  ...logsOf(['{"level":"warn","msg":"slow query","ms":1500,"nested":{"a":[1,2,{"b":null}]},"text":"a\\nb \\u00e9"}']),
  ...logsOf([
    '{"message":"trace me","trace_id":"0af7651916cd43dd8448eb211c80319c","error":{"message":"boom","stack":"at x"}}'
  ]),
  ...logsOf([routerLine], { source: sourceOf('shop', { type: 'RTR', fullType: 'RTR', process: '' }) }),
  ...logsOf(['broken \ufffd bytes'], { marks: ['not_utf8', 'truncated'] }),
  new PlatformEvent([recordOf(['event']), 0, shop, noon * 1000, 3, []], 'crash', 'exit status 1')
]

test('every kind of log comes back as it went in, newest first', async () => {
  const { dir, sink } = await openSink()
  const events = everyLog()
  expect(await sink.write(events, signal, throughOf(100))).toEqual({ retry: [], rejected: [], duplicates: 0 })

  const { logs, next } = await openQueries(dir).logs({})
  const expected = events.map(event => logRow(event)).sort((a, b) => (a!.time < b!.time ? 1 : -1))
  expect(logs.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(expected.toSorted((a, b) => (a!.id < b!.id ? -1 : 1)))
  expect(logs.map(row => row.time)).toEqual(expected.map(row => row!.time))
  expect(next).toBeUndefined()
})

test('the cursor comes back from the file that has the rows', async () => {
  const { dir, sink } = await openSink()
  expect(await sink.cursor?.(0)).toBeUndefined()
  await sink.write(logsOf(['one']), signal, throughOf(100))
  await sink.write(logsOf(['two'], { partition: 1 }), signal, throughOf(70, 1))
  await sink.write([], signal, throughOf(150))
  await sink.write(logsOf(['no cursor']), signal, undefined)
  expect(await sink.cursor?.(0)).toEqual({ offset: 150, note: throughOf(150).note })
  await sink.stop()

  const { sink: again } = await openSink({ dir })
  expect(await again.cursor?.(0)).toEqual({ offset: 150, note: throughOf(150).note })
  expect(await again.cursor?.(1)).toEqual({ offset: 70, note: throughOf(70, 1).note })
  expect(await again.cursor?.(2)).toBeUndefined()
})

test('events that come again count as duplicates, also after a restart and in parts', async () => {
  const { dir, sink } = await openSink()
  const events = [...logsOf(['a', 'b', 'c', 'd']), ...logsOf(['e'])]
  await sink.write(events.slice(0, 2), signal, undefined)
  expect((await sink.write(events.slice(1, 4), signal, undefined)).duplicates).toBe(1)
  expect((await sink.write([...events, ...events], signal, undefined)).duplicates).toBe(9)
  await sink.stop()

  const { sink: again } = await openSink({ dir })
  expect((await again.write(events, signal, throughOf(10))).duplicates).toBe(5)
  expect((await again.cursor?.(0))?.offset).toBe(10)
  const { logs } = await openQueries(dir).logs({})
  expect(logs.map(row => row.message).sort()).toEqual(['a', 'b', 'c', 'd', 'e'])
})

test('metrics that come again count as duplicates; two of one time are two', async () => {
  const { dir, sink } = await openSink()
  const record = recordOf(['one', 'two', 'three'])
  const gauges = [0, 1, 2].map(i => new GaugeEvent([record, i, shop, noon * 1000, 0, []], 'cpu', i * 10, '%'))
  await sink.write(gauges.slice(0, 2), signal, undefined)
  expect((await sink.write(gauges, signal, undefined)).duplicates).toBe(2)
  const { series } = await openQueries(dir).metrics({ name: 'cpu', from: noon, to: noon + 999, stepMs: 1000 })
  expect(series.map(one => one.points)).toEqual([[[noon, 10]]])
})

test('numbers that are none do not spoil a chart', async () => {
  const { dir, sink } = await openSink()
  const record = recordOf(['nan', 'inf', 'total'])
  const refusals = await sink.write(
    [
      new GaugeEvent([record, 0, shop, noon * 1000, 0, []], 'load', Number.NaN, ''),
      new GaugeEvent([record, 1, shop, noon * 1000, 0, []], 'load', Number.POSITIVE_INFINITY, ''),
      new CounterEvent([record, 2, shop, noon * 1000, 0, []], 'bytes', 2n ** 64n - 1n, 2n ** 63n),
      new TimerEvent([recordOf(['timer']), 0, shop, noon * 1000, 0, []], 'http', 0n, 1_500_000n)
    ],
    signal,
    undefined
  )
  expect(refusals).toEqual({ retry: [], rejected: [], duplicates: 0 })
  const queries = openQueries(dir)
  const chart = async (name: string) =>
    (await queries.metrics({ name, from: noon, to: noon + 999, stepMs: 1000 })).series
  expect(await chart('load')).toEqual([])
  expect((await chart('bytes'))[0]?.points).toEqual([[noon, 2 ** 63]])
  expect((await chart('http'))[0]?.points).toEqual([[noon, 1.5]])
})

test('a stopped sink takes nothing, and stopping twice is once', async () => {
  const { dir, sink } = await openSink()
  const writing = sink.write(logsOf(['in flight']), signal, throughOf(1))
  await Promise.all([writing, sink.stop(), sink.stop()])
  await expect(sink.write(logsOf(['late']), signal, undefined)).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' })
  const { logs } = await openQueries(dir).logs({})
  expect(logs.map(row => row.message)).toEqual(['in flight'])
  expect(readdirSync(join(dir, 'local'))).toContain('2026-11-24.1.sqlite')
})

test('a directory that cannot be used is an error that may pass', async () => {
  const sink = createLocalSink({ dir: join(newDir(), 'file\0') })
  await expect(sink.start(signal)).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', retryable: true })
  await sink.stop()
})

test('wrong options are refused by name', () => {
  expect(() => createLocalSink({ dir: 'x', maxFileBytes: '12 parsecs' })).toThrow(/maxFileBytes/)
  expect(() => createLocalSink({ dir: 'x', ...{ surprise: 1 } })).toThrow(/surprise/)
})
