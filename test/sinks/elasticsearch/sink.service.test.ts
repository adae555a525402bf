import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { documentOf } from '../../../sinks/elasticsearch/document.ts'
import { createBulkEncoder } from '../../../sinks/elasticsearch/encoder.ts'
import type { DocumentEvent } from '../../../sinks/elasticsearch/fixed-fields.ts'
import { type BulkEncoder, createElasticsearchSink, generalEncoder } from '../../../sinks/elasticsearch/sink.ts'
import { allStored, type Refusals, type Sink } from '../../../src/core/contract.ts'
import type { Event } from '../../../src/core/event.ts'
import { appLine, eventsOf } from '../wire-events.ts'

const node = inject('elasticsearchUrl')
const { signal } = new AbortController()
const open: Sink[] = []

/** A started sink with a data stream of its own. Elasticsearch's core cannot delete it again. */
async function start(encoder?: BulkEncoder) {
  const dataset = `t${randomUUID().slice(0, 8)}`
  const sink = createElasticsearchSink({ node, dataset }, encoder)
  open.push(sink)
  await sink.start(signal)
  return {
    stream: `logs-cloudfoundry.${dataset}-default`,
    write: (events: readonly Event[]): Promise<Refusals> => sink.write(events, signal, undefined)
  }
}

afterAll(async () => {
  for (const sink of open) await sink.stop()
})

const headers = { 'content-type': 'application/json' }
const call = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
  const response = await fetch(`${node}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  return (await response.json()) as Record<string, unknown>
}

interface Hit {
  readonly _id: string
  readonly _source: Record<string, unknown>
}

/** Which of these events a search finds. */
async function search(where: string, events: readonly Event[], query: object = { match_all: {} }): Promise<Hit[]> {
  await call('POST', `/${where}/_refresh`)
  const filter = { ids: { values: events.map(({ id }) => id) } }
  const body = { query: { bool: { must: query, filter } }, size: 1000, sort: ['@timestamp'] }
  const { hits } = (await call('POST', `/${where}/_search`, body)) as { hits: { hits: Hit[] } }
  return hits.hits
}

/** The places of events that a search finds. */
async function found(stream: string, events: readonly Event[], query: object): Promise<number[]> {
  const hits = (await search(stream, events, query)).map(({ _id }) => _id)
  return [...events.keys()].filter(place => hits.includes(events[place]!.id))
}

/** Synthetic source prints as few groups of three digits as it can. */
const shortTime = (document: Record<string, unknown>) => ({
  ...document,
  '@timestamp': String(document['@timestamp']).replace(/(\.000)?(000)*Z$/, 'Z')
})

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
const poison = {
  'depth over 20': nested(21),
  'NUL in a key': '{"a\\u0000b":1}',
  'a key over 32,766 bytes': `{"${'k'.repeat(32_767)}":1}`,
  'a key and a value over 32,766 bytes': `{"${'k'.repeat(9000)}":"${'€'.repeat(8191)}"}`
}

describe.each([
  ['the general encoder', generalEncoder],
  ['the byte encoder', createBulkEncoder()]
])('with %s', (_, encoder) => {
  let stream: string
  let write: (events: readonly Event[]) => Promise<Refusals>
  beforeAll(async () => {
    ;({ stream, write } = await start(encoder))
  })

  test('every golden document comes back from Elasticsearch as it was sent', async () => {
    const cases = join(import.meta.dirname, '../../cases/elasticsearch-document')
    const events = eventsOf(readdirSync(cases).map(name => readFileSync(join(cases, name, 'input'))))
    expect(await write(events)).toEqual(allStored)
    const sources = new Map((await search(stream, events)).map(hit => [hit._id, hit._source]))
    for (const event of events) {
      const sent = JSON.parse(JSON.stringify(documentOf(event as DocumentEvent)))
      expect(shortTime(sources.get(event.id)!)).toEqual(shortTime(sent))
    }
  })

  test('fields, app JSON and its numbers are searchable', async () => {
    const events = eventsOf([
      appLine('{"msg":"order created","level":"info","order":{"id":"a-1","price":9}}'),
      appLine('{"msg":"order created","level":"warn","order":{"id":"a-2","price":10000}}')
    ])
    await write(events)
    expect(await found(stream, events, { match: { message: 'created' } })).toEqual([0, 1])
    expect(await found(stream, events, { term: { 'log.level': 'warn' } })).toEqual([1])
    expect(await found(stream, events, { term: { 'app.order.id': 'a-1' } })).toEqual([0])
    expect(await found(stream, events, { range: { 'app_num.order.price': { gte: 10 } } })).toEqual([1])
    expect(await found(stream, events, { term: { 'cloudfoundry.app.name': 'shop-api' } })).toEqual([0, 1])
  })

  test('lines of one microsecond come back in their order', async () => {
    const events = eventsOf(Array.from({ length: 20 }, (_, i) => appLine(`line ${i}`)))
    await write(events)
    expect((await search(stream, events)).map(({ _id }) => _id)).toEqual(events.map(({ id }) => id))
  })

  test('what is sent twice is stored once', async () => {
    const events = eventsOf([appLine('a'), appLine('b')])
    expect(await write(events)).toEqual(allStored)
    const more = [...events, ...eventsOf([appLine('c')])]
    expect(await write(more)).toEqual({ retry: [], rejected: [], duplicates: 2 })
    expect(await search(stream, more)).toHaveLength(3)
  })

  test.each(Object.entries(poison))('%s: stored in safe form, and its neighbours as they are', async (_, json) => {
    const events = eventsOf([appLine('before'), appLine(json), appLine('after')])
    expect(await write(events)).toEqual(allStored)
    const [safe] = await search(stream, events, { term: { tags: 'safe_form' } })
    expect(safe).toMatchObject({ _id: events[1]!.id, _source: { app_text: json } })
    expect(safe?._source['error']).toEqual({ message: expect.stringMatching(/deep|Keys|immense/) })
    expect(await found(stream, events, { term: { 'cloudfoundry.app.name': 'shop-api' } })).toEqual([0, 1, 2])
  })

  test.each([
    ['duplicate keys', '{"a":1,"a":2}'],
    ['raw control characters', '{"a":"\u0001\u001b"}'],
    ['a depth that no stack holds', nested(20_000)],
    ['a lone surrogate', '{"k\\ud800":"v\\udfff","level":"\\ud800","msg":"\\ud800"}'],
    ['a number no double holds', `{"a":1e400,"b":${'9'.repeat(2000)}}`],
    ['dotted, empty and blank keys', '{"":1,".":2," ":3,"a.":4,".a":5,"a..b":6,"a. .b":7}'],
    ['names of metadata fields', '{"_id":1,"_source":2,"@timestamp":3,"app_num":{"x":4}}'],
    ['mixed arrays', '{"a":[1,"x",{"b":null},[true,[{}]]]}'],
    ['null and empty objects', '{"a":null,"b":{},"c":[]}'],
    ['a value over 32,766 bytes', `{"a":"${'x'.repeat(40_000)}"}`]
  ])('app JSON with %s is stored', async (_, json) => {
    const events = eventsOf([appLine(json), appLine('after')])
    expect(await write(events)).toEqual(allStored)
    expect(await search(stream, events)).toHaveLength(2)
  })

  test('one app’s object is another app’s number', async () => {
    const lines = ['{"a":1}', '{"a":{"b":2}}', '{"a":"x"}', '{"a":{"b":{"c":3}}}', '{"a.b":4,"a":[5]}']
    const events = eventsOf(lines.map(line => appLine(line)))
    expect(await write(events)).toEqual(allStored)
    expect(await found(stream, events, { range: { 'app_num.a.b': { gte: 2, lte: 4 } } })).toEqual([1, 4])
  })
})

test('thousands of distinct numeric keys: all lines are stored, and the first numbers searchable as such', async () => {
  const lines = Array.from({ length: 12 }, (_, i) =>
    appLine(JSON.stringify(Object.fromEntries(Array.from({ length: 100 }, (_, j) => [`n${i}_${j}`, j]))))
  )
  const events = eventsOf(lines)
  const many = await start()
  expect(await many.write(events)).toEqual(allStored)
  expect(await found(many.stream, events, { range: { 'app_num.n0_42': { gte: 42 } } })).toEqual([0])
  expect(await found(many.stream, events, { term: { 'app.n11_99': '99' } })).toEqual([11])
})

/** Splices lines into documents unseen: what an encoder's mistake would send. */
const spliced: BulkEncoder = {
  encode: batch =>
    Buffer.from(
      batch
        .map(event => {
          const text = event.kind === 'log' ? event.text : ''
          return `{"create":{"_id":"${event.id}"}}\n{"@timestamp":"${event.timestamp}","message":"m","app":${text}}\n`
        })
        .join('')
    )
}

test('what slipped through an encoder is stored in safe form', async () => {
  const lines = [
    '{"a":1}',
    '{"a":1,"a":2}',
    '[1,2]',
    'not JSON',
    '{"a":"\u0001"}',
    `{"a":${'9'.repeat(1001)}}`,
    '{"a":2}'
  ]
  const events = eventsOf(lines.map(line => appLine(line)))
  const careless = await start(spliced)
  expect(await careless.write(events)).toEqual(allStored)
  expect(await found(careless.stream, events, { term: { tags: 'safe_form' } })).toEqual([1, 2, 3, 4, 5])
  expect(await search(careless.stream, events)).toHaveLength(7)
})

test('a request that is refused as a whole is the lane’s to halve', async () => {
  const careless = await start({ encode: () => Buffer.from('{"create":{}}\n{"a":\n1}\n') })
  await expect(careless.write(eventsOf([appLine('a'), appLine('b')]))).rejects.toMatchObject({
    code: 'SINK_REFUSED_BATCH',
    retryable: false
  })
})

test('blocks refuse nothing for good', async () => {
  const blocked = await start()
  await blocked.write(eventsOf([appLine('first')]))
  const events = eventsOf([appLine('a'), appLine(poison['NUL in a key'])])
  for (const [block, status] of [
    ['index.blocks.write', 403],
    ['index.blocks.read_only_allow_delete', 429] // what a full disk sets
  ] as const) {
    await call('PUT', `/${blocked.stream}/_settings`, { [block]: true })
    const { retry, rejected } = await blocked.write(events)
    expect([retry.map(({ index }) => index), rejected]).toEqual([[0, 1], []])
    expect(retry[0]?.reason).toMatch(new RegExp(`^${status}: cluster_block_exception`))
    await call('PUT', `/${blocked.stream}/_settings`, { [block]: false })
  }
  expect(await blocked.write(events)).toEqual(allStored)
})

test('metrics are not taken', () => {
  const gauge = `<14>1 2026-11-24T04:29:03+00:00 h id [1] - [gauge@47450 name="cpu" value="0.23" unit="percentage"] \n`
  expect(eventsOf([gauge, appLine('a')]).map(event => open[0]!.accepts(event))).toEqual([false, true])
})
