import { randomUUID } from 'node:crypto'
import { afterEach, expect, inject, test } from 'vitest'
import type { ElasticsearchOptions } from '../../../sinks/elasticsearch/options.ts'
import { createElasticsearchSink } from '../../../sinks/elasticsearch/sink.ts'
import { allStored } from '../../../src/core/contract.ts'
import { appLine, eventsOf } from '../wire-events.ts'
import { type Check, startProxy } from './checking-proxy.ts'

const elasticsearch = inject('elasticsearchUrl')
const { signal } = new AbortController()
const open: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.stop()
})

const proxy = async (check: Check) => {
  const started = await startProxy(elasticsearch, check)
  open.push(started)
  return started
}
const sinkOf = (options: ElasticsearchOptions) => {
  const sink = createElasticsearchSink({ dataset: `t${randomUUID().slice(0, 8)}`, ...options })
  open.push(sink)
  return sink
}
const only =
  (authorization: string): Check =>
  ({ headers }) =>
    headers.authorization === authorization ? undefined : { status: 401 }
const basic = (login: string): string => `Basic ${Buffer.from(login).toString('base64')}`

test('user and password may stand in the URL, percent-encoded', async () => {
  const { host } = await proxy(only(basic('us er:p@ss/1')))
  const sink = sinkOf({ node: `http://us%20er:p%40ss%2F1@${host}` })
  await sink.start(signal)
  expect(await sink.write(eventsOf([appLine('a')]), signal, undefined)).toEqual(allStored)
})

test.each([
  [basic('u:p'), { username: 'u', password: 'p' }],
  ['ApiKey aWQ6a2V5', { apiKey: 'aWQ6a2V5' }]
])('%s', async (authorization, auth) => {
  const { url } = await proxy(only(authorization))
  const sink = sinkOf({ node: url, auth })
  await sink.start(signal)
  expect(await sink.write(eventsOf([appLine('a')]), signal, undefined)).toEqual(allStored)
})

test('wrong credentials are retried, at start and later', async () => {
  const { url } = await proxy(only(basic('u:p')))
  const refused = { code: 'SINK_UNAUTHORIZED', retryable: true }
  const auth = { username: 'u', password: 'secret' }
  await expect(sinkOf({ node: url, auth }).start(signal)).rejects.toMatchObject(refused)
  const error = await sinkOf({ node: url, auth, templates: 'skip' })
    .write(eventsOf([appLine('a')]), signal, undefined)
    .catch((thrown: Error) => thrown)
  expect(error).toMatchObject(refused)
  expect(String(error)).not.toContain('secret')
})

test.each([
  [403, 'SINK_UNAUTHORIZED', true],
  [404, 'SINK_UNAVAILABLE', true],
  [413, 'SINK_REFUSED_BATCH', false],
  [429, 'SINK_UNAVAILABLE', true],
  [502, 'SINK_UNAVAILABLE', true],
  [503, 'SINK_UNAVAILABLE', true]
])('a call that is answered %i', async (status, code, retryable) => {
  const { url } = await proxy(() => ({ status, headers: { 'retry-after': '7' } }))
  const sink = sinkOf({ node: url, templates: 'skip' })
  await expect(sink.write(eventsOf([appLine('a')]), signal, undefined)).rejects.toMatchObject({
    code,
    retryable,
    retryAfterMs: retryable ? 7000 : undefined,
    untouched: status === 403 || status === 429
  })
})

test('an answer that is none of Elasticsearch’s is no success', async () => {
  const { url } = await proxy(() => ({ status: 200 }))
  const sink = sinkOf({ node: url, templates: 'skip' })
  await expect(sink.write(eventsOf([appLine('a')]), signal, undefined)).rejects.toMatchObject({
    code: 'SINK_UNAVAILABLE',
    retryable: true
  })
})

test('a server that is away is unavailable, and the sink works on once it is back', async () => {
  let away = true
  const { url } = await proxy(({ socket }) => {
    if (away) socket.destroy()
    return undefined
  })
  const sink = sinkOf({ node: url, templates: 'skip' })
  const events = eventsOf([appLine('a')])
  await expect(sink.write(events, signal, undefined)).rejects.toMatchObject({
    code: 'SINK_UNAVAILABLE',
    retryable: true
  })
  away = false
  // The request that was cut off may have reached the server: then it counts as duplicate.
  expect(await sink.write(events, signal, undefined)).toMatchObject({ retry: [], rejected: [] })
})

test('a server that does not answer is given up after the time-out', async () => {
  const { url } = await proxy(() => undefined)
  const hanging = await startProxy(url, ({ socket }) => {
    socket.pause()
    return { status: 200, headers: { 'content-length': '100' } }
  })
  open.push(hanging)
  const sink = sinkOf({ node: hanging.url, templates: 'skip', requestTimeoutMs: 100 })
  await expect(sink.write(eventsOf([appLine('a')]), signal, undefined)).rejects.toMatchObject({
    code: 'SINK_UNAVAILABLE',
    retryable: true
  })
})

test('a failure while safe forms are sent leaves them to the lane, and what is stored stays stored', async () => {
  let requests = 0
  const { url } = await proxy(() => (++requests === 2 ? { status: 503 } : undefined))
  const sink = sinkOf({ node: url, templates: 'skip' })
  const events = eventsOf([appLine('a'), appLine('{"a\\u0000b":1}')])
  expect(await sink.write(events, signal, undefined)).toEqual({
    retry: [{ index: 1, reason: expect.stringContaining('503'), uncertain: true }],
    rejected: [],
    duplicates: 0
  })
})

test('a document that is refused in safe form as well is rejected, and others like it are not', async () => {
  let requests = 0
  const { url } = await proxy(({ headers }) => {
    requests++
    return requests > 1 && Number(headers['content-length']) > 3000 ? { status: 413 } : undefined
  })
  const sink = sinkOf({ node: url, templates: 'skip' })
  const events = eventsOf([appLine('{"a\\u0000b":1}'), appLine(`{"a\\u0000b":"${'x'.repeat(3000)}"}`), appLine('c')])
  expect(await sink.write(events, signal, undefined)).toEqual({
    retry: [],
    rejected: [{ index: 1, reason: expect.stringContaining('413') }],
    duplicates: 0
  })
})

test('an aborted write rejects, and stop may be called twice', async () => {
  const sink = sinkOf({ node: elasticsearch, templates: 'skip' })
  await expect(sink.write(eventsOf([appLine('a')]), AbortSignal.abort(), undefined)).rejects.toThrow()
  await sink.stop()
})
