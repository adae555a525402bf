import { randomUUID } from 'node:crypto'
import { InfluxDB } from '@influxdata/influxdb-client'
import { AuthorizationsAPI, BucketsAPI, OrgsAPI } from '@influxdata/influxdb-client-apis'
import { afterEach, expect, inject, test } from 'vitest'
import type { InfluxdbOptions } from '../../../sinks/influxdb/options.ts'
import { createInfluxdbSink } from '../../../sinks/influxdb/sink.ts'
import { allStored } from '../../../src/core/contract.ts'
import { startProxy } from '../elasticsearch/checking-proxy.ts'
import { appId, eventsOf } from '../wire-events.ts'

const { url, token, org } = inject('influxdb')
const influx = new InfluxDB({ url, token })
const { signal } = new AbortController()
const open: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.stop()
})

const newBucket = (): string => `t-${randomUUID().slice(0, 8)}`
const sinkOf = (options: Partial<InfluxdbOptions> & { bucket: string }) => {
  const sink = createInfluxdbSink({ url, token, org, ...options })
  open.push(sink)
  return sink
}

/** A started sink with a bucket of its own. */
async function start() {
  const bucket = newBucket()
  const sink = sinkOf({ bucket })
  await sink.start(signal)
  return { bucket, sink, write: (frames: readonly string[]) => sink.write(eventsOf(frames), signal, undefined) }
}

/** Line protocol of our own making, to prepare a bucket. */
async function put(bucket: string, line: string): Promise<void> {
  const query = new URLSearchParams({ org, bucket })
  const headers = { authorization: `Token ${token}` }
  const response = await fetch(`${url}/api/v2/write?${query}`, { method: 'POST', headers, body: line })
  expect(response.status).toBe(204)
}

interface Point {
  readonly [column: string]: unknown
}
const points = (bucket: string, pipeline = ''): Promise<Point[]> =>
  influx.getQueryApi(org).collectRows<Point>(`from(bucket: "${bucket}") |> range(start: 0) ${pipeline}`)
const values = async (bucket: string): Promise<[unknown, unknown][]> =>
  (await points(bucket)).map(({ _field, _value }): [unknown, unknown] => [_field, _value]).sort()

const tags = `app_id="${appId}" app_name="shop-api" organization_name="acme" space_name="prod space" origin="rep" process_type="web"`
const frame = (element: string, extra = tags): string =>
  `<14>1 2026-11-24T04:29:03.785942+00:00 h ${appId} [2] - [${element}][tags@47450 ${extra}] \n`
const gauge = (name: string, value: string, extra?: string): string =>
  frame(`gauge@47450 name="${name}" value="${value}" unit="u"`, extra)

test('the bucket is created, once, with its retention', async () => {
  const bucket = newBucket()
  await sinkOf({ bucket, bucketRetentionDays: 7 }).start(signal)
  await sinkOf({ bucket }).start(signal)
  const { buckets } = await new BucketsAPI(influx).getBuckets({ org, name: bucket })
  expect(buckets?.map(({ retentionRules }) => retentionRules[0]?.everySeconds)).toEqual([7 * 86_400])
})

test('the frames of one envelope are one point of a container', async () => {
  const { bucket, write } = await start()
  expect(await write([gauge('cpu', '0.23'), gauge('memory', '2.68435456e+08'), gauge('disk', '1')])).toEqual(allStored)
  expect(await write([gauge('memory_quota', '1.073741824e+09')])).toEqual(allStored)
  const pivot = '|> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")'
  expect(await points(bucket, pivot)).toEqual([
    expect.objectContaining({
      _measurement: 'container',
      _time: '2026-11-24T04:29:03.785942Z',
      app: 'shop-api',
      app_id: appId,
      instance: '2',
      org: 'acme',
      process: 'web',
      space: 'prod space',
      cpu: 0.23,
      memory: 268_435_456,
      disk: 1,
      memory_quota: 1_073_741_824
    })
  ])
})

test('64-bit totals are exact', async () => {
  const { bucket, write } = await start()
  const counter = (name: string, total: string) => frame(`counter@47450 name="${name}" total="${total}" delta="5"`)
  expect(await write([counter('a', '18446744073709551615'), counter('b', '9007199254740993')])).toEqual(allStored)
  const exact = '|> filter(fn: (r) => r._field == "total_uint") |> toString()'
  expect((await points(bucket, exact)).map(({ name, _value }) => [name, _value])).toEqual([
    ['a', '18446744073709551615'],
    ['b', '9007199254740993']
  ])
})

test('timers of one microsecond are all there', async () => {
  const { bucket, write } = await start()
  const timer = frame('timer@47450 name="http" start="1795494543773760488" stop="1795494543786106547"')
  expect(await write([timer, timer, timer])).toEqual(allStored)
  expect((await points(bucket)).map(({ _time }) => _time)).toEqual([
    '2026-11-24T04:29:03.785942Z',
    '2026-11-24T04:29:03.785942001Z',
    '2026-11-24T04:29:03.785942002Z'
  ])
})

test('what is written twice is there once', async () => {
  const { bucket, write, sink } = await start()
  const events = eventsOf([gauge('cpu', '1'), frame('timer@47450 name="http" start="1" stop="2"')])
  expect(await sink.write(events, signal, undefined)).toEqual(allStored)
  expect(await sink.write(events, signal, undefined)).toEqual(allStored)
  expect(await points(bucket)).toHaveLength(2)
  expect(await write([])).toEqual(allStored)
})

test('hostile names and tags come back as they were, or as near as a line allows', async () => {
  const hostile: [sent: string, read: string][] = [
    ['a b,c=d', 'a b,c=d'],
    ['back\\\\slash', 'back\\slash'],
    ['a\\\\,b\\\\ c\\\\=d', 'a\\,b\\ c\\=d'],
    ['at end\\\\', 'at end\\_'],
    ['two at end\\\\\\\\', 'two at end\\\\_'],
    ['\\"quoted\\"', '"quoted"'],
    ['# no comment', '# no comment'],
    ['grüße 日本語 🚀', 'grüße 日本語 🚀'],
    ['line\nfeed\r\ttab\u0000', 'line feed  tab '],
    [' ', ' ']
  ]
  const { bucket, write } = await start()
  for (const [sent] of hostile) {
    expect(await write([gauge('g', '1', `app_name="${sent}" app_id="1"`), gauge(sent, '1', 'app_id="2"')])).toEqual(
      allStored
    )
  }
  const read = hostile.map(([, text]) => text).sort()
  const found = await points(bucket)
  const texts = (column: string): unknown[] => found.map(point => point[column]).filter(text => text !== undefined)
  expect(texts('app').sort()).toEqual(read)
  expect(
    texts('name')
      .filter(name => name !== 'g')
      .sort()
  ).toEqual(read)
})

test('a field of another type refuses the batch, to be halved; alone it is rejected; the others are stored', async () => {
  const { bucket, sink } = await start()
  await put(bucket, 'gauge,name=before value="text" 1795494543000000000')
  const events = eventsOf([gauge('g', '1'), gauge('cpu', '2')])
  const refused = sink.write(events, signal, undefined)
  await expect(refused).rejects.toMatchObject({ code: 'SINK_REFUSED_BATCH', retryable: false })
  const reason = expect.stringMatching(/^InfluxDB answered 422: .*field type conflict/)
  expect(await sink.write(events.slice(0, 1), signal, undefined)).toEqual({
    ...allStored,
    rejected: [{ index: 0, reason }]
  })
  expect(await sink.write(events.slice(1), signal, undefined)).toEqual(allStored)
  expect(await values(bucket)).toContainEqual(['cpu', 2])
})

test('where every point is refused, all are rejected at once, each with its reason', async () => {
  const { bucket, write } = await start()
  await put(bucket, 'gauge,name=before value="text" 1795494543000000000')
  const { retry, rejected } = await write([gauge('a', '1'), gauge('b', 'NaN'), gauge('c', '3')])
  expect(retry).toEqual([])
  expect(rejected.map(({ index, reason }) => [index, reason.slice(0, 19)])).toEqual([
    [0, 'InfluxDB answered 4'],
    [1, 'InfluxDB has no NaN'],
    [2, 'InfluxDB answered 4']
  ])
})

test('points older than the bucket keeps are rejected', async () => {
  const bucket = newBucket()
  const sink = sinkOf({ bucket, bucketRetentionDays: 1 })
  await sink.start(signal)
  const old = gauge('g', '1').replace('2026-11-24', '2001-11-24')
  expect(await sink.write(eventsOf([old]), signal, undefined)).toMatchObject({ retry: [], rejected: [{ index: 0 }] })
})

test('NaN and infinite gauges are rejected, their neighbours stored', async () => {
  const { bucket, write } = await start()
  expect(await write([gauge('cpu', 'NaN'), gauge('cpu', '1'), gauge('x', '+Inf')])).toMatchObject({
    retry: [],
    rejected: [{ index: 0 }, { index: 2 }]
  })
  expect(await values(bucket)).toEqual([['cpu', 1]])
  expect((await write([gauge('cpu', 'NaN')])).rejected).toHaveLength(1)
})

test('a wrong token is retried, and never printed', async () => {
  const sink = sinkOf({ bucket: newBucket(), token: 'wrong-secret', createBucket: 'never' })
  const error = await sink.write(eventsOf([gauge('cpu', '1')]), signal, undefined).catch((thrown: Error) => thrown)
  expect(error).toMatchObject({ code: 'SINK_UNAUTHORIZED', retryable: true })
  expect(String(error)).not.toContain('wrong-secret')
  const other = sinkOf({ bucket: newBucket(), token: 'wrong-secret' })
  await expect(other.start(signal)).rejects.toMatchObject({ code: 'SINK_UNAUTHORIZED', retryable: true })
})

test('a token that may only write is enough where the bucket exists', async () => {
  const { bucket } = await start()
  const { orgs } = await new OrgsAPI(influx).getOrgs({ org })
  const { buckets } = await new BucketsAPI(influx).getBuckets({ org, name: bucket })
  const resource = { type: 'buckets' as const, id: buckets![0]!.id! }
  const body = { orgID: orgs![0]!.id!, permissions: [{ action: 'write' as const, resource }] }
  const { token: narrow } = await new AuthorizationsAPI(influx).postAuthorizations({ body })
  const sink = sinkOf({ bucket, token: narrow! })
  await sink.start(signal)
  expect(await sink.write(eventsOf([gauge('cpu', '1')]), signal, undefined)).toEqual(allStored)
  const elsewhere = sinkOf({ bucket: newBucket(), token: narrow! })
  await elsewhere.start(signal)
  await expect(elsewhere.write(eventsOf([gauge('cpu', '1')]), signal, undefined)).rejects.toMatchObject({
    retryable: true
  })
})

test('a bucket that is gone is retried, and created again', async () => {
  const { bucket, write } = await start()
  const { buckets } = await new BucketsAPI(influx).getBuckets({ org, name: bucket })
  await new BucketsAPI(influx).deleteBucketsID({ bucketID: buckets![0]!.id! })
  await expect(write([gauge('cpu', '1')])).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', retryable: true })
  expect(await write([gauge('cpu', '1')])).toEqual(allStored)
})

test.each([
  [413, 'SINK_REFUSED_BATCH', false],
  [429, 'SINK_UNAVAILABLE', true],
  [503, 'SINK_UNAVAILABLE', true]
])('a write that is answered %i', async (status, code, retryable) => {
  const answer = { status, headers: { 'retry-after': '7' } }
  const proxy = await startProxy(url, ({ method }) => (method === 'POST' ? answer : undefined))
  open.push(proxy)
  const sink = sinkOf({ bucket: 'metrics', url: proxy.url, createBucket: 'never' })
  await expect(sink.write(eventsOf([gauge('cpu', '1')]), signal, undefined)).rejects.toMatchObject({
    code,
    retryable,
    retryAfterMs: retryable ? 7000 : undefined
  })
})

test('a server that is away or does not answer is unavailable, and the sink works on once it is back', async () => {
  let trouble: 'away' | 'silent' | undefined = 'away'
  const proxy = await startProxy(url, ({ socket }) => {
    if (trouble === 'away') socket.destroy()
    return trouble === 'silent' ? { status: 200, headers: { 'content-length': '1000' } } : undefined
  })
  open.push(proxy)
  const sink = sinkOf({ bucket: newBucket(), url: proxy.url, requestTimeoutMs: 500 })
  const unavailable = { code: 'SINK_UNAVAILABLE', retryable: true }
  await expect(sink.start(signal)).rejects.toMatchObject(unavailable)
  trouble = 'silent'
  await expect(sink.start(signal)).rejects.toMatchObject(unavailable)
  trouble = undefined
  await sink.start(signal)
  expect(await sink.write(eventsOf([gauge('cpu', '1')]), signal, undefined)).toEqual(allStored)
})

test('an aborted write rejects, and stop may be called twice', async () => {
  const { sink } = await start()
  await expect(sink.write(eventsOf([gauge('cpu', '1')]), AbortSignal.abort(), undefined)).rejects.toThrow()
  await sink.stop()
})

test('only metrics are taken', async () => {
  const { sink } = await start()
  const frames = [
    gauge('cpu', '1'),
    frame('counter@47450 name="c" total="1" delta="1"'),
    frame('timer@47450 name="t" start="1" stop="2"'),
    frame('event@47450 title="t" body="b"'),
    `<14>1 2026-11-24T04:29:03+00:00 h id [APP/0] - - text\n`
  ]
  expect(eventsOf(frames).map(event => sink.accepts(event))).toEqual([true, true, true, false, false])
})
