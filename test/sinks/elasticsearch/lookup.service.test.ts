import { randomUUID } from 'node:crypto'
import { afterEach, expect, inject, test } from 'vitest'
import { maxIdsPerSearch } from '../../../sinks/elasticsearch/lookup.ts'
import { createElasticsearchSink } from '../../../sinks/elasticsearch/sink.ts'
import { allStored } from '../../../src/core/contract.ts'
import type { Event } from '../../../src/core/event.ts'
import { appLine, eventsOf } from '../wire-events.ts'
import { type Check, startProxy } from './checking-proxy.ts'

const elasticsearch = inject('elasticsearchUrl')
const { signal } = new AbortController()
const open: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.stop()
})

function sinkAt(node: string) {
  const dataset = `t${randomUUID().slice(0, 8)}`
  const sink = createElasticsearchSink({ node, dataset })
  open.push(sink)
  const known = (events: readonly Event[]) => sink.known!(events, signal)
  return { ...sink, known, stream: `${elasticsearch}/logs-cloudfoundry.${dataset}-default` }
}

async function sinkBehind(check: Check) {
  const proxy = await startProxy(elasticsearch, check)
  open.push(proxy)
  return sinkAt(proxy.url)
}

async function ask(method: string, url: string, body?: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  return answer.json()
}

const idsOf = (events: readonly Event[]): string[] => events.map(({ id }) => id).sort()

test('what was stored is known at once, in whatever backing index it is', async () => {
  const { write, known, start, stream } = sinkAt(elasticsearch)
  await start(signal)
  const events = eventsOf(['a', 'b', 'c'].map(text => appLine(text)))
  for (const event of events.slice(0, 2)) {
    expect(await write([event], signal, undefined)).toEqual(allStored)
    await ask('POST', `${stream}/_rollover`)
  }
  expect([...(await known(events))].sort()).toEqual(idsOf(events.slice(0, 2)))
})

test('more ids than a search takes are looked up in several', async () => {
  const { write, known, start } = sinkAt(elasticsearch)
  await start(signal)
  const events = eventsOf(Array.from({ length: 2 * maxIdsPerSearch + 1 }, (_, i) => appLine(`${i}`)))
  const stored = [0, maxIdsPerSearch, 2 * maxIdsPerSearch].map(place => events[place]!)
  await write(stored, signal, undefined)
  expect([...(await known(events))].sort()).toEqual(idsOf(stored))
})

test('without a data stream nothing is known, and none is made', async () => {
  const { known, start, stream } = sinkAt(elasticsearch)
  await start(signal)
  expect(await known(eventsOf([appLine('a')]))).toEqual(new Set())
  expect(await ask('GET', stream)).toMatchObject({ status: 404 })
})

test('a backing index that does not answer may have it: that is no answer', async () => {
  const { write, known, start, stream } = sinkAt(elasticsearch)
  await start(signal)
  const events = eventsOf([appLine('a')])
  await write(events, signal, undefined)
  const { old_index: old } = (await ask('POST', `${stream}/_rollover`)) as { old_index: string }
  await ask('POST', `${elasticsearch}/${old}/_close`)
  await expect(known(events)).rejects.toThrow('index_closed_exception')
  await ask('POST', `${elasticsearch}/${old}/_open`)
  await ask('GET', `${elasticsearch}/_cluster/health/${old}?wait_for_status=yellow&timeout=60s`)
  expect(await known(events)).toEqual(new Set(idsOf(events)))
})

const isLookup = ({ url = '' }: { url?: string | undefined }): boolean => /_refresh|_search/.test(url)

test.each([
  [200, 'SINK_UNAVAILABLE'],
  [404, 'SINK_UNAVAILABLE'],
  [403, 'SINK_UNAUTHORIZED'],
  [503, 'SINK_UNAVAILABLE']
])('a lookup that something else answers with %i fails, and may be tried again', async (status, code) => {
  const { known } = await sinkBehind(() => ({ status, headers: { 'retry-after': '7' } }))
  await expect(known(eventsOf([appLine('a')]))).rejects.toMatchObject({ code, retryable: true })
})

test('the right to look things up is asked for at start, and nothing else that a lookup may meet holds up the start', async () => {
  const refused = await sinkBehind(incoming => (isLookup(incoming) ? { status: 403 } : undefined))
  await expect(refused.start(signal)).rejects.toMatchObject({ code: 'SINK_UNAUTHORIZED', retryable: true })
  const away = await sinkBehind(incoming => (isLookup(incoming) ? { status: 503 } : undefined))
  await away.start(signal)
})

test('a write needs no lookup', async () => {
  const asked: (string | undefined)[] = []
  const { write, start } = await sinkBehind(({ url }) => void asked.push(url))
  await start(signal)
  const before = asked.length
  await write(eventsOf([appLine('a')]), signal, undefined)
  expect(asked.slice(before)).toEqual([expect.stringContaining('/_bulk?')])
})

test('an event that is answered 5xx may have been stored; one that is answered 4xx has not', async () => {
  let status = 0
  const { write } = await sinkBehind(({ url = '' }) =>
    url.includes('_bulk') && status++ === 1 ? { status: 503 } : undefined
  )
  // in safe form, whose call fails as a whole
  expect(await write(eventsOf([appLine('{"a\\u0000b":1}')]), signal, undefined)).toMatchObject({
    retry: [{ index: 0, uncertain: true }]
  })
})
