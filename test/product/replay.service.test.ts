import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import type { LogPage } from '../../src/core/search.ts'
import { folderOf } from '../run-cli.ts'
import { type Fate, startSilentProxy } from '../sinks/elasticsearch/silent-proxy.ts'
import { runCommand, startCommand } from './command.ts'
import {
  askElasticsearch,
  counted,
  documentsIn,
  gaugeLine,
  laneOf,
  logLine,
  openProduct,
  ownBucket,
  sendTcp,
  sharedElasticsearch,
  untilAllDelivered,
  untilDelivered
} from './faults.ts'
import type { Product } from './product.ts'

const texts = (count: number, name: string): string[] =>
  Array.from({ length: count }, (_, i) => `${name} ${String(i).padStart(5, '0')}`)
const bytesOf = (messages: readonly string[]): string => messages.map(text => counted(logLine(text))).join('')

/** The shared Elasticsearch with a data stream of this test's own, in which somebody does things by hand. */
function openStore() {
  const { url, stream, env } = sharedElasticsearch()
  const search = `${url}/${stream}/_search`
  /** A bulk action for each document that a query finds, in the backing index in which it lies. */
  async function each(query: object, action: (place: { _index: string; _id: string }) => object[]): Promise<void> {
    await askElasticsearch(`${url}/${stream}/_refresh`, 'POST')
    const { hits } = await askElasticsearch(search, 'POST', { query, size: 10_000, _source: false })
    const actions = hits.hits.flatMap(hit => action(Object(hit)))
    const body = actions.map(line => `${JSON.stringify(line)}\n`).join('')
    const headers = { 'content-type': 'application/x-ndjson' }
    const answer = await fetch(`${url}/_bulk?refresh=true`, { method: 'POST', headers, body })
    expect(await answer.json()).toMatchObject({ errors: false })
  }
  return {
    env,
    rollOver: () => askElasticsearch(`${url}/${stream}/_rollover`, 'POST'),
    remove: (query: object = { match_all: {} }) => each(query, ({ _index, _id }) => [{ delete: { _index, _id } }]),
    alter: () =>
      each({ match_all: {} }, ({ _index, _id }) => [{ update: { _index, _id } }, { doc: { message: 'altered' } }]),
    async messages(): Promise<string[]> {
      return (await documentsIn(url, stream)).map(({ message }) => message).sort()
    }
  }
}

/** A restart begins a new segment, and the one before is not needed by any lane. */
const keeping = { CULVERT_JOURNAL_RETAIN: '1h' }

async function deliver(product: Product, lines: readonly string[], received: number): Promise<void> {
  await sendTcp(product.syslog, bytesOf(lines))
  await untilDelivered(product, 'elasticsearch', received)
}

const replay = (product: Product, sink: string, ...args: string[]) =>
  runCommand(product, 'replay', '--from', '1h ago', '--sink', sink, '--yes', ...args)

/** What the summary says, by its words. */
const told = (out: string): Record<string, number> =>
  Object.fromEntries(
    Array.from(out.matchAll(/^ +(\d+) {2}(lines read|stored|replaced|there already|refused)/gm), ([, count, what]) => [
      what,
      Number(count)
    ])
  )

test('what was deleted comes back, once, across a rollover; a second replay stores nothing, and the books are as they were', async () => {
  const store = openStore()
  const product = await openProduct(store.env)
  const lines = texts(3000, 'line')
  await deliver(product, lines.slice(0, 2000), 2000)
  await store.rollOver()
  await deliver(product, lines.slice(2000), 3000)
  const { ledger } = laneOf(await product.status(), 'elasticsearch')
  await store.remove({ range: { 'event.sequence': { lt: 500 } } })
  const left = await store.messages()
  expect(left.length).toBeLessThan(2800)

  const dry = await runCommand(product, 'replay', '--from', '1h', '--sink', 'elasticsearch', '--dry-run')
  expect([dry.code, dry.out]).toEqual([0, expect.stringContaining('  3000  lines\n')])
  expect(await store.messages()).toEqual(left)
  await store.rollOver()
  const first = await replay(product, 'elasticsearch')
  expect(first).toMatchObject({ code: 0, err: '' })
  const missing = 3000 - left.length
  expect(told(first.out)).toEqual({ 'lines read': 3000, stored: missing, 'there already': left.length, refused: 0 })
  expect(await store.messages()).toEqual(lines)

  const second = await replay(product, 'elasticsearch')
  expect(told(second.out)).toEqual({ 'lines read': 3000, stored: 0, 'there already': 3000, refused: 0 })
  expect(await store.messages()).toEqual(lines)
  const after = await product.status()
  expect(laneOf(after, 'elasticsearch').ledger).toEqual(ledger)
  const counts = { frames: 6000, stored: missing, replaced: 0, duplicate: 6000 - missing, filtered: 0, refused: 0 }
  expect(after.replays).toEqual([{ lane: 'elasticsearch', ...counts }])
  expect(await (await fetch(`${product.http}/metrics`)).text()).toContain(
    `culvert_replayed_frames_total{lane="elasticsearch",outcome="stored"} ${missing}`
  )
})

test('--replace: documents are replaced where they lie, not doubled, and missing ones are stored', async () => {
  const store = openStore()
  const product = await openProduct(store.env)
  const lines = texts(600, 'line')
  await deliver(product, lines.slice(0, 300), 300)
  await store.rollOver()
  await deliver(product, lines.slice(300), 600)
  await store.remove({ match_phrase: { message: 'line 00007' } })
  await store.alter()
  expect(await store.messages()).toEqual(Array.from({ length: 599 }, () => 'altered'))

  const without = await replay(product, 'elasticsearch')
  expect(told(without.out)).toMatchObject({ stored: 1, 'there already': 599 })
  expect((await store.messages()).filter(message => message === 'altered')).toHaveLength(599)
  const { code, out, err } = await replay(product, 'elasticsearch', '--replace')
  expect([code, err]).toEqual([0, ''])
  expect(told(out)).toEqual({ 'lines read': 600, stored: 0, replaced: 600, 'there already': 0, refused: 0 })
  expect(await store.messages()).toEqual(lines)
})

/** A configuration file with one processor more, which writes its name before each line. */
const naming = (name: string): string => `
  import { defineConfig, eachLog, jsonLog, routerLog } from 'culvert'
  const naming = eachLog('naming', log => log.with({ message: '${name} ' + log.message }))
  export default defineConfig({ processors: [routerLog(), jsonLog(), naming] })`

test('a changed processor: without --replace what is there stays, with it every document is made anew, across rollovers', async () => {
  const store = openStore()
  const dir = folderOf({ 'culvert.config.ts': naming('first') })
  const product = await openProduct({ ...store.env, ...keeping, CULVERT_CONFIG: join(dir, 'culvert.config.ts') })
  const lines = texts(200, 'line')
  await deliver(product, lines.slice(0, 100), 100)
  await store.rollOver()
  await deliver(product, lines.slice(100), 200)
  await product.kill('SIGKILL')
  await writeFile(join(dir, 'culvert.config.ts'), naming('second'))
  await product.restart()
  await product.until(({ ready, lanes }) => ready && lanes.length > 0, 'a lane')
  await store.rollOver()
  expect(told((await replay(product, 'elasticsearch')).out)).toMatchObject({ stored: 0, 'there already': 200 })
  expect(await store.messages()).toEqual(lines.map(line => `first ${line}`))
  const { code, out } = await replay(product, 'elasticsearch', '--replace')
  expect([code, told(out)]).toEqual([0, expect.objectContaining({ stored: 0, replaced: 200 })])
  expect(await store.messages()).toEqual(lines.map(line => `second ${line}`))
})

test.each([
  ['of what was deleted', []],
  ['with --replace', ['--replace']]
])('killed between the store’s yes and our hearing of it, %s, and rolled over: the command goes on, all is there once, and the lane went on', async (_, args) => {
  const store = openStore()
  const held = Promise.withResolvers<void>()
  let fate: Fate = 'pass'
  const proxy = await startSilentProxy(store.env.ELASTICSEARCH_URL, path => {
    if (!path.includes('_bulk') || fate === 'pass') return 'pass'
    held.resolve()
    return fate
  })
  onTestFinished(() => proxy.stop())
  const product = await openProduct({ ...store.env, ...keeping, ELASTICSEARCH_URL: proxy.url })
  const old = texts(2000, 'old')
  // One after the other: a replay's step is whole records.
  for (let from = 0; from < old.length; from += 250) await deliver(product, old.slice(from, from + 250), from + 250)
  await (args.length === 0 ? store.remove() : store.alter())
  const words = ['replay', '--from', '1h ago', '--sink', 'elasticsearch', '--yes', '--rate', '250', ...args]
  const command = startCommand(product, ...words)
  await product.until(({ replays }) => (replays[0]?.frames ?? 0) > 200, 'a part of the replay')
  fate = 'hold'
  await held.promise
  await product.kill('SIGKILL')
  expect((await store.messages()).filter(message => message.startsWith('old')).length).toBeLessThan(old.length)
  await store.rollOver()
  fate = 'pass'
  await product.restart()
  const live = texts(500, 'live')
  await sendTcp(product.syslog, bytesOf(live))

  const { code, out, err } = await command.ended
  expect(err).toContain('again in 1 s')
  expect([code, told(out)]).toEqual([0, expect.objectContaining({ 'lines read': old.length, refused: 0 })])
  const status = await untilAllDelivered(product)
  expect(await store.messages()).toEqual([...live, ...old])
  const { ledger } = laneOf(status, 'elasticsearch')
  const received = old.length + live.length
  expect(ledger).toMatchObject({ received, stored: received - ledger.duplicate, dead: 0, lost: 0, filtered: 0 })
})

test('Ctrl-C, and the command that it prints: the rest comes', async () => {
  const store = openStore()
  const product = await openProduct(store.env)
  const lines = texts(3000, 'line')
  for (let from = 0; from < 3000; from += 500) await deliver(product, lines.slice(from, from + 500), from + 500)
  await store.remove()
  const args = ['replay', '--from', '1h ago', '--sink', 'elasticsearch', '--yes', '--rate', '500']
  const command = startCommand(product, ...args)
  await product.until(({ replays }) => (replays[0]?.stored ?? 0) > 600, 'a part of the replay')
  command.interrupt()
  const { code, out, err } = await command.ended
  expect([code, told(out)['lines read']]).toEqual([1, expect.any(Number)])
  const [, next] = /To go on: culvert (.*)\n/.exec(err) ?? []
  const rest = await runCommand(product, ...next!.split(' ').filter(word => word !== ''), '--yes')
  expect([rest.code, rest.err]).toEqual([0, ''])
  expect(told(rest.out)['lines read']).toBeLessThan(3000)
  expect(await store.messages()).toEqual(lines)
})

test('InfluxDB: points that were deleted come back, and those that are there stay one each, with --replace or without', async () => {
  const { env, points } = ownBucket()
  const product = await openProduct(env)
  const times = Array.from({ length: 500 }, (_, i) => new Date(Date.UTC(2026, 10, 24, 4, 0, i)).toISOString())
  await sendTcp(product.syslog, times.map((time, i) => counted(gaugeLine('g', i, time))).join(''))
  await untilDelivered(product, 'influxdb', 500)
  expect(await points()).toBe(500)
  const { url, org, token } = inject('influxdb')
  const bucket = new URLSearchParams({ org, bucket: env.INFLUXDB_BUCKET })
  const deleted = await fetch(`${url}/api/v2/delete?${bucket}`, {
    method: 'POST',
    headers: { authorization: `Token ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ start: times[0], stop: times[200] })
  })
  expect(deleted.status).toBe(204)
  expect(await points()).toBeLessThan(500)
  for (const args of [[], ['--replace']]) {
    const { code, out } = await replay(product, 'influxdb', ...args)
    expect([code, told(out)]).toEqual([0, expect.objectContaining({ 'lines read': 500, stored: 500, refused: 0 })])
    expect(await points()).toBe(500)
  }
})

test('the local store gets back what its files had; it cannot be written over, and an unknown sink is named', async () => {
  const product = await openProduct(keeping)
  const lines = texts(300, 'line')
  await sendTcp(product.syslog, bytesOf(lines))
  await untilDelivered(product, 'local', 300)
  const found = async (): Promise<string[]> => {
    const page: LogPage = JSON.parse(await (await fetch(`${product.http}/api/v1/logs?limit=500`)).text())
    return page.logs.map(({ message }) => message).sort()
  }
  await product.kill('SIGKILL')
  await rm(join(product.dataDir, 'local'), { recursive: true })
  await product.restart()
  await product.until(({ ready, lanes }) => ready && lanes.length > 0, 'a lane')
  expect(await found()).toEqual([])
  const first = await replay(product, 'local')
  expect([first.code, told(first.out)]).toEqual([0, expect.objectContaining({ stored: 300, 'there already': 0 })])
  const second = await replay(product, 'local')
  expect(told(second.out)).toMatchObject({ stored: 0, 'there already': 300 })
  expect(await found()).toEqual(lines)

  const replaced = await replay(product, 'local', '--replace')
  expect([replaced.code, replaced.err]).toEqual([64, expect.stringContaining('local cannot write over what it has')])
  const unknown = await replay(product, 'elasticsearch')
  expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('there is no elasticsearch; there is local')])
})
