import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createElasticsearchSink } from '../../../sinks/elasticsearch/sink.ts'
import { templateVersion } from '../../../sinks/elasticsearch/templates.ts'
import { allStored, type Sink } from '../../../src/core/contract.ts'
import { type Server, startElasticsearch } from '../../services/services.ts'
import { appLine, eventsOf } from '../wire-events.ts'

const { signal } = new AbortController()
let server: Server
beforeAll(async () => {
  server = await startElasticsearch({ settings: ['indexing_pressure.memory.limit=300kb'] })
})
afterAll(() => server?.stop())

const open: Sink[] = []
const sinkOf = (options: { retention?: string; dataset?: string } = {}): Sink => {
  const sink = createElasticsearchSink({ node: server.url, ...options })
  open.push(sink)
  return sink
}
afterEach(async () => {
  for (const sink of open.splice(0)) await sink.stop()
  await fetch(`${server.url}/_index_template/logs-cloudfoundry`, { method: 'DELETE' })
  await fetch(`${server.url}/_component_template/logs-cloudfoundry@*`, { method: 'DELETE' })
})

interface Template {
  version?: number
  modified_date_millis?: number
  index_patterns?: string[]
  template?: { lifecycle?: { data_retention?: string } }
}

async function template(path: string): Promise<Template | undefined> {
  const body = (await (await fetch(`${server.url}${path}`)).json()) as Record<string, Record<string, Template>[]>
  return body['index_templates']?.[0]?.['index_template'] ?? body['component_templates']?.[0]?.['component_template']
}

async function put(path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${server.url}${path}`, { method: 'PUT', headers, body: JSON.stringify(body) })
  expect(response.status, await response.text()).toBe(200)
}

const index = '/_index_template/logs-cloudfoundry'
const settings = '/_component_template/logs-cloudfoundry@settings'
const mappings = '/_component_template/logs-cloudfoundry@mappings'

test('start installs what is missing, once', async () => {
  await sinkOf().start(signal)
  const first = await Promise.all([index, settings, mappings].map(template))
  expect(first.map(one => one?.version)).toEqual([templateVersion, templateVersion, templateVersion])
  await sinkOf().start(signal)
  expect(await Promise.all([index, settings, mappings].map(template))).toEqual(first)
})

test('an older template is replaced, each by itself', async () => {
  await sinkOf().start(signal)
  const before = await template(settings)
  await put(mappings, { version: templateVersion - 1, template: { mappings: { dynamic: true } } })
  await sinkOf().start(signal)
  expect((await template(mappings))?.version).toBe(templateVersion)
  expect(await template(settings)).toEqual(before)
})

test('a newer template is left alone', async () => {
  await put(mappings, { version: templateVersion + 1, template: { mappings: { dynamic: true } } })
  const newer = await template(mappings)
  await sinkOf().start(signal)
  expect(await template(mappings)).toEqual(newer)
})

test('another retention is put in place, also none', async () => {
  await sinkOf({ retention: '7d' }).start(signal)
  expect((await template(index))?.template?.lifecycle?.data_retention).toBe('7d')
  await sinkOf({ retention: '30d' }).start(signal)
  expect((await template(index))?.template?.lifecycle?.data_retention).toBe('30d')
  await sinkOf().start(signal)
  expect((await template(index))?.template?.lifecycle).toEqual({ enabled: true })
})

// from here on data streams hold their templates, and Elasticsearch's core cannot delete data streams

test('without our template nothing is stored, and the next write puts it back', async () => {
  const sink = sinkOf({ dataset: 'gone' })
  await sink.start(signal)
  await fetch(`${server.url}${index}`, { method: 'DELETE' })
  const events = eventsOf([appLine('a')])
  expect(await sink.write(events, signal, undefined)).toMatchObject({ retry: [{ index: 0 }], rejected: [] })
  expect(await sink.write(events, signal, undefined)).toEqual(allStored)
})

test('the data stream is made in logsdb mode, and settings of a user’s own win', async () => {
  await put('/_component_template/logs-cloudfoundry@custom', {
    template: { settings: { 'index.refresh_interval': '9s' } }
  })
  const sink = sinkOf({ dataset: 'custom' })
  await sink.start(signal)
  expect(await sink.write(eventsOf([appLine('a')]), signal, undefined)).toEqual(allStored)
  const response = await fetch(`${server.url}/logs-cloudfoundry.custom-default/_settings?flat_settings`)
  const [made] = Object.entries((await response.json()) as Record<string, { settings: object }>)
  expect(made?.[0]).toMatch(/^\.ds-logs-cloudfoundry\.custom-default-/)
  expect(made?.[1].settings).toMatchObject({ 'index.mode': 'logsdb', 'index.refresh_interval': '9s' })
})

test('a server under pressure refuses the whole call with 429: unavailable, and smaller ones pass', async () => {
  const sink = sinkOf()
  await sink.start(signal)
  const large = eventsOf(Array.from({ length: 30 }, () => appLine('x'.repeat(60_000))))
  await expect(sink.write(large, signal, undefined)).rejects.toMatchObject({
    code: 'SINK_UNAVAILABLE',
    retryable: true
  })
  expect(await sink.write(large.slice(0, 1), signal, undefined)).toEqual(allStored)
})
