import { randomUUID } from 'node:crypto'
import { expect, inject, onTestFinished, test } from 'vitest'
import { createElasticsearchSink } from '../../../sinks/elasticsearch/sink.ts'
import { allStored } from '../../../src/core/contract.ts'
import type { Event } from '../../../src/core/event.ts'
import { appLine, eventsOf } from '../wire-events.ts'
import { type Check, startProxy } from './checking-proxy.ts'

const elasticsearch = inject('elasticsearchUrl')
const { signal } = new AbortController()
const headers = { 'content-type': 'application/json' }

interface Hit {
  readonly _id: string
  readonly _index: string
  readonly _source: { readonly message: string; readonly tags?: string[] }
}

async function ask(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const answer = await fetch(`${elasticsearch}${path}`, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) })
  })
  return (await answer.json()) as Record<string, unknown>
}

/** A started sink with a data stream of its own, in which somebody else can do things too. */
async function openStore(check: Check = () => undefined) {
  const dataset = `t${randomUUID().slice(0, 8)}`
  const proxy = await startProxy(elasticsearch, check)
  onTestFinished(() => proxy.stop())
  const sink = createElasticsearchSink({ node: proxy.url, dataset })
  onTestFinished(() => sink.stop())
  await sink.start(signal)
  const stream = `/logs-cloudfoundry.${dataset}-default`
  async function hits(): Promise<Hit[]> {
    await ask('POST', `${stream}/_refresh`)
    const { hits } = (await ask('POST', `${stream}/_search`, { size: 1000, sort: ['event.id'] })) as {
      hits: { hits: Hit[] }
    }
    return hits.hits
  }
  return {
    stream,
    hits,
    messages: async (): Promise<string[]> => (await hits()).map(({ _source }) => _source.message),
    write: (events: readonly Event[]) => sink.write(events, signal, undefined),
    replace: (events: readonly Event[]) => sink.replace!(events, signal),
    rollOver: () => ask('POST', `${stream}/_rollover`)
  }
}

const eventsWith = (texts: readonly string[]) => eventsOf(texts.map(text => appLine(text)))

/** The same events as a changed parser would give them. */
const changed = (events: readonly Event[], to = (text: string) => `${text}, changed`): Event[] =>
  events.map(event => (event.kind === 'log' ? event.with({ message: to(event.message) }) : event))

test('documents are written over where they lie, in whatever backing index, and what is missing is created', async () => {
  const { write, replace, rollOver, hits, messages } = await openStore()
  const events = eventsWith(['a', 'b', 'c', 'd'])
  await write(events.slice(0, 2))
  await rollOver()
  await write(events.slice(2, 3))
  await rollOver()
  const before = (await hits()).map(({ _id, _index }) => [_id, _index])
  expect(await replace(changed(events))).toEqual({ ...allStored, duplicates: 3 })
  expect(await messages()).toEqual(['a, changed', 'b, changed', 'c, changed', 'd, changed'])
  const after = (await hits()).map(({ _id, _index }) => [_id, _index])
  expect(after.slice(0, 3)).toEqual(before)
  expect(new Set(after.map(([, index]) => index)).size).toBe(3)
})

test('without a data stream all of it is created', async () => {
  const { replace, messages } = await openStore()
  expect(await replace(eventsWith(['a', 'b']))).toEqual(allStored)
  expect(await messages()).toEqual(['a', 'b'])
})

test('a document that somebody changed since it was looked up is not overrun: it may be tried again', async () => {
  let meanwhile: () => Promise<unknown> = async () => undefined
  const { write, replace, hits, messages } = await openStore(async ({ url = '' }) => {
    if (url.includes('_bulk')) await meanwhile()
    return undefined
  })
  const events = eventsWith(['a', 'b'])
  await write(events)
  const [first] = await hits()
  meanwhile = async () => {
    meanwhile = async () => undefined
    await ask('POST', `/${first!._index}/_update/${first!._id}`, { doc: { message: 'by hand' } })
  }
  const { retry, ...rest } = await replace(changed(events))
  expect(retry).toEqual([{ index: 0, reason: expect.stringContaining('version_conflict_engine_exception') }])
  expect(rest).toEqual({ rejected: [], duplicates: 1 })
  expect(await messages()).toEqual(['by hand', 'b, changed'])
  expect(await replace(changed(events))).toEqual({ ...allStored, duplicates: 2 })
  expect(await messages()).toEqual(['a, changed', 'b, changed'])
})

test('what Elasticsearch refuses is written over in safe form', async () => {
  const { write, replace, hits } = await openStore()
  const events = eventsWith(['{"a\\u0000b":1}', 'fine'])
  await write(events)
  const before = await hits()
  expect(await replace(events)).toEqual({ ...allStored, duplicates: 2 })
  const after = await hits()
  expect(after.map(({ _id, _index }) => [_id, _index])).toEqual(before.map(({ _id, _index }) => [_id, _index]))
  expect(after[0]!._source.tags).toContain('safe_form')
})

test('an id that lies in two backing indices is written over in both', async () => {
  const { write, replace, rollOver, messages } = await openStore()
  const events = eventsWith(['a'])
  await write(events)
  await rollOver()
  await write(events)
  expect(await replace(changed(events))).toEqual({ ...allStored, duplicates: 1 })
  expect(await messages()).toEqual(['a, changed', 'a, changed'])
})

test('without the right to write over documents nothing is doubled, and the reason is told', async () => {
  const { write, replace, messages } = await openStore(({ url = '' }) =>
    url.includes('_bulk') && !url.includes('require_data_stream') ? { status: 403 } : undefined
  )
  const events = eventsWith(['a', 'b'])
  await write(events.slice(0, 1))
  await expect(replace(changed(events))).rejects.toMatchObject({ code: 'SINK_UNAUTHORIZED', retryable: true })
  expect(await messages()).toEqual(['a'])
})
