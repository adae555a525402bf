import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, inject, test } from 'vitest'
import type { LogRow } from '../src/core/plain.ts'
import type { Status } from '../src/core/status.ts'
import { connectionsOf, framesOf } from './cases/captures.ts'
import { type Product, startProduct, temporaryDirectory } from './product.ts'
import { type Server, startElasticsearch } from './services/services.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function product(env: Record<string, string> = {}, dataDir?: string): Promise<Product> {
  const directory = dataDir === undefined ? temporaryDirectory() : undefined
  if (directory !== undefined) cleanups.push(() => directory.remove())
  const started = await startProduct(dataDir ?? directory!.path, env)
  cleanups.push(() => started.end('SIGKILL'))
  return started
}

async function privateElasticsearch(): Promise<Server> {
  const server = await startElasticsearch()
  cleanups.push(() => server.stop())
  return server
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

async function send(port: number, bytes: Buffer | string): Promise<void> {
  const socket = await dial(port)
  socket.end(bytes)
  await new Promise(resolve => void socket.once('close', resolve))
}

const line = (text: string) => `<14>1 2026-11-24T04:29:03.785942+00:00 o.s.a app [APP/PROC/WEB/0] - - ${text}\n`
const counted = (text: string) => `${line(text).length} ${line(text)}`
const stream = 'logs-cloudfoundry.app-default'
let names = 0
/** A namespace of its own, since the server is shared. */
const namespace = () => `t${process.pid}${names++}`

interface Hit {
  _id: string
  _source: Record<string, unknown>
}

async function documents(url: string, name: string): Promise<Hit[]> {
  await fetch(`${url}/${name}/_refresh`, { method: 'POST' })
  const answer = await fetch(`${url}/${name}/_search?size=10000&sort=event.sequence`)
  const { hits } = JSON.parse(await answer.text())
  return hits.hits
}

const laneOf = (status: Awaited<ReturnType<Product['status']>>, name: string) =>
  status.lanes.find(lane => lane.name === name)!
const influxdbEnv = () => {
  const { url, org, bucket, token } = inject('influxdb')
  return { INFLUXDB_URL: url, INFLUXDB_ORG: org, INFLUXDB_BUCKET: bucket, INFLUXDB_TOKEN: token }
}

test('what the agent sends over TCP is found in Elasticsearch and InfluxDB, and the books balance', async () => {
  const space = namespace()
  const running = await product({
    ELASTICSEARCH_URL: inject('elasticsearchUrl'),
    ELASTICSEARCH_NAMESPACE: space,
    ...influxdbEnv()
  })
  await send(running.syslog, connectionsOf('syslog-all')[0]!)
  const frames = framesOf('syslog-all').length
  const status = await running.until(
    ({ lanes }) => lanes.length === 2 && lanes.every(({ ledger }) => ledger.received === frames),
    'all frames'
  )
  expect(laneOf(status, 'elasticsearch').ledger).toMatchObject({
    received: 31,
    stored: 17,
    filtered: 14,
    dead: 0,
    duplicate: 0
  })
  expect(laneOf(status, 'influxdb').ledger).toMatchObject({ received: 31, stored: 14, filtered: 17, dead: 0 })

  const found = await documents(inject('elasticsearchUrl'), `logs-cloudfoundry.app-${space}`)
  expect(found).toHaveLength(17)
  const [json] = found
  expect(json!._source).toMatchObject({
    '@timestamp': '2026-11-24T04:29:03.785942Z', // synthetic source prints no trailing zeros
    message: 'order created',
    log: { level: 'info' },
    stream: 'stdout',
    cloudfoundry: { app: { name: 'shop-api' }, space: { name: 'prod space' }, org: { name: 'acme' } },
    trace: { id: '4bf92f3577b34da6a3ce929d0e0e4736' },
    app: { logger: 'com.acme.shop.OrderService' }
  })
  const router = found.find(({ _source }) => _source.http !== undefined)!
  expect(router._source).toMatchObject({
    http: { request: { method: 'GET' }, response: { status_code: 200 } },
    url: { path: '/api/orders/84213' }
  })
})

test('the same bytes are found in the local store, and through the API', async () => {
  const running = await product()
  await send(running.syslog, connectionsOf('syslog-all')[0]!)
  const status = await running.until(
    ({ lanes }) => laneOf({ lanes } as never, 'local')?.ledger.received === 31,
    'all frames'
  )
  expect(laneOf(status, 'local').ledger).toMatchObject({ stored: 31, duplicate: 0, filtered: 0, dead: 0 })
  const { logs } = JSON.parse(await (await fetch(`${running.http}/api/v1/logs?q=order%20created`)).text())
  expect(logs).toEqual([expect.objectContaining({ message: 'order created', level: 'info' })])
})

test('a POST is safe when it is answered, and a repeated one is stored once', async () => {
  const running = await product()
  const post = () =>
    fetch(`${running.http}/drain`, { method: 'POST', body: `${line('posted one')}${line('posted two')}` })
  expect((await post()).status).toBe(204)
  expect((await post()).status).toBe(204)
  const status = await running.until(
    ({ lanes }) => laneOf({ lanes } as never, 'local')?.ledger.received === 4,
    'both posts'
  )
  expect(laneOf(status, 'local').ledger).toMatchObject({ stored: 2, duplicate: 2 })
})

test('killed under load and started again, every acknowledged line is stored once', async () => {
  const server = await privateElasticsearch()
  const directory = temporaryDirectory()
  cleanups.push(() => directory.remove())
  const acknowledged: string[] = []
  let running = await product({ ELASTICSEARCH_URL: server.url }, directory.path)
  for (let round = 0; round < 3; round++) {
    const { http } = running
    let killed = false
    const posts = Array.from({ length: 4 }, async (_, sender) => {
      for (let i = 0; !killed; i++) {
        const text = `line ${round} ${sender} ${i}`
        const answer = await fetch(`${http}/drain`, { method: 'POST', body: line(text) }).catch(() => undefined)
        if (answer?.status === 204) acknowledged.push(text)
      }
    })
    const before = acknowledged.length
    while (acknowledged.length < before + 300) await new Promise(resolve => setTimeout(resolve, 10))
    await running.end('SIGKILL')
    killed = true
    await Promise.all(posts)
    running = await product({ ELASTICSEARCH_URL: server.url }, directory.path)
  }
  await running.until(({ lanes }) => lanes[0]?.lagBytes === 0 && lanes[0].state === 'running', 'the end of the journal')
  const stored = (await documents(server.url, stream)).map(({ _source }) => _source.message)
  expect(new Set(stored).size).toBe(stored.length)
  expect(acknowledged.filter(text => !stored.includes(text))).toEqual([])
})

test('Elasticsearch away does not delay InfluxDB, and nothing is lost', async () => {
  const server = await privateElasticsearch()
  const running = await product({ ELASTICSEARCH_URL: server.url, ...influxdbEnv() })
  await send(running.syslog, counted('before'))
  await running.until(({ lanes }) => laneOf({ lanes } as never, 'elasticsearch')?.ledger.stored === 1, 'the first line')
  await server.kill('SIGKILL')
  await send(
    running.syslog,
    Buffer.concat([Buffer.from(counted('meanwhile')), ...connectionsOf('syslog-draindata-metrics')])
  )
  const status = await running.until(
    ({ lanes }) =>
      laneOf({ lanes } as never, 'influxdb').ledger.received === 15 &&
      laneOf({ lanes } as never, 'elasticsearch').state === 'retrying',
    'InfluxDB on its own'
  )
  expect(laneOf(status, 'influxdb').ledger.stored).toBe(13)
  expect((await fetch(`${running.http}/health/ready`)).status).toBe(503)
  await server.restart()
  await running.until(
    ({ ready, lanes }) => ready && laneOf({ lanes } as never, 'elasticsearch').ledger.stored === 2,
    'the second line'
  )
  expect((await documents(server.url, stream)).map(({ _source }) => _source.message)).toEqual(['before', 'meanwhile'])
})

test('with several partitions the local store has every line once, each with its own app', async () => {
  const running = await product({ CULVERT_PARTITIONS: '3' })
  const said = (app: number, i: number) =>
    `<14>1 2026-11-24T04:29:03.${String(i).padStart(6, '0')}+00:00 o.s.a app-${app} [APP/PROC/WEB/0] - - app-${app} says ${i}\n`
  const lines = Array.from({ length: 480 }, (_, i) => said(i % 30, i))
  const parts = [lines.slice(0, 160), lines.slice(160, 320), lines.slice(320)]
  await Promise.all(parts.map(part => send(running.syslog, part.map(text => `${text.length} ${text}`).join(''))))
  const received = (lanes: Status['lanes']) => lanes.reduce((sum, { ledger }) => sum + ledger.received, 0)
  const status = await running.until(({ lanes }) => received(lanes) === 480, 'all lines')
  expect(status.lanes.map(({ partition }) => partition)).toEqual([0, 1, 2])
  expect(status.lanes.every(({ ledger }) => ledger.stored === ledger.received && ledger.stored > 0)).toBe(true)
  const { logs } = JSON.parse(await (await fetch(`${running.http}/api/v1/logs?limit=500`)).text())
  const rows = logs.map((row: LogRow) => `${row.source.app} ${row.message}`).sort()
  expect(rows).toEqual(lines.map((_, i) => `app-${i % 30} app-${i % 30} says ${i}`).sort())
})

test('SIGTERM stops in order; what was taken waits in the journal', async () => {
  const running = await product({ ELASTICSEARCH_URL: 'http://127.0.0.1:9' })
  await send(running.syslog, counted('kept'))
  await running.until(({ journal }) => journal.records === 1, 'the record')
  expect(await running.end('SIGTERM')).toBe(0)
  const again = await product({}, running.dataDir)
  await again.until(({ lanes }) => laneOf({ lanes } as never, 'local')?.ledger.stored === 1, 'the line')
})
