import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { InfluxDB } from '@influxdata/influxdb-client'
import { inject, onTestFinished } from 'vitest'
import type { LogPage } from '../../src/core/search.ts'
import type { Flowing, LaneStatus, Status } from '../../src/core/status.ts'
import { type Server, startElasticsearch } from '../services/services.ts'
import { type Product, startProduct, temporaryDirectory } from './product.ts'

/** The product with its lanes running; gone when the test is over. */
export async function openProduct(env: Readonly<Record<string, string>> = {}, dataDir?: string): Promise<Product> {
  const product = await startProduct(dataDir, env)
  onTestFinished(() => product.stop())
  await product.until(({ lanes }) => lanes.length > 0, 'lanes')
  return product
}

/** A directory that outlives the products in it, and not the test. */
export function openDirectory(): string {
  const { path, remove } = temporaryDirectory()
  onTestFinished(remove)
  return path
}

/** A server that a test may treat badly. */
export async function openElasticsearch(): Promise<Server> {
  const server = await startElasticsearch()
  onTestFinished(() => server.stop())
  return server
}

/** The shared Elasticsearch, and a data stream in it that no other test has. */
export function sharedElasticsearch() {
  const space = `t${randomUUID().slice(0, 8)}`
  const url = inject('elasticsearchUrl')
  return {
    url,
    stream: `logs-cloudfoundry.app-${space}`,
    env: { ELASTICSEARCH_URL: url, ELASTICSEARCH_NAMESPACE: space }
  }
}

/** A bucket of the shared InfluxDB that no other test has, and how many points it holds. */
export function ownBucket() {
  const { url, org, token } = inject('influxdb')
  const bucket = `t${randomUUID().slice(0, 8)}`
  const counts = `from(bucket: "${bucket}") |> range(start: 0) |> group() |> count()`
  return {
    env: { INFLUXDB_URL: url, INFLUXDB_ORG: org, INFLUXDB_BUCKET: bucket, INFLUXDB_TOKEN: token },
    async points(): Promise<number> {
      const rows = await new InfluxDB({ url, token }).getQueryApi(org).collectRows<{ _value: number }>(counts)
      return rows[0]?._value ?? 0
    }
  }
}

/** Where the product stores in a server of its own. */
export const defaultStream = 'logs-cloudfoundry.app-default'

export const logLine = (text: string, app = 'app'): string =>
  `<14>1 2026-11-24T04:29:03.785942+00:00 o.s.a ${app} [APP/PROC/WEB/0] - - ${text}\n`

export const gaugeLine = (name: string, value: number, time = '2026-11-24T04:29:03.785942+00:00'): string =>
  `<14>1 ${time} o.s.a app [0] - [gauge@47450 name="${name}" value="${value}" unit="ms"] \n`

/** With its octet count (RFC 6587 3.4.1). */
export const counted = (line: string): string => `${Buffer.byteLength(line)} ${line}`

export async function sendTcp(port: number, bytes: Buffer | string): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.end(bytes)
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('close', () => resolve())
    socket.resume()
  })
}

const repeatMs = 50

/**
 * Posts as the agent does: the same bytes again after any answer but 2xx, and after none. Answers how often; rejects when the test is over.
 */
export async function postUntilTaken(url: string, body: string, over: AbortSignal): Promise<number> {
  for (let times = 1; ; times++) {
    const answer = await fetch(url, { method: 'POST', body }).catch(() => undefined)
    if (answer?.ok === true) return times
    await delay(repeatMs, undefined, { signal: over })
  }
}

/** Aborts when the test is over, however it ended. */
export function testOver(): AbortSignal {
  const over = new AbortController()
  onTestFinished(() => over.abort())
  return over.signal
}

export function laneOf({ lanes }: Pick<Status, 'lanes'>, name: string): Flowing<LaneStatus> {
  const found = lanes.find(lane => lane.name === name)
  if (found === undefined) throw new Error(`There is no lane ${name}.`)
  return found
}

/** Resolves when `lane` has committed all that is in the journal, and has no trouble. */
export const untilDelivered = (product: Product, lane: string, received: number): Promise<Status> =>
  product.until(
    status => status.lanes.some(({ name, ledger }) => name === lane && ledger.received >= received) && status.ready,
    `${received} frames in ${lane}`
  )

/** Resolves when every lane has committed up to the end of the journal, and has no trouble. */
export const untilAllDelivered = (product: Product): Promise<Status> =>
  product.until(({ ready, lanes, journal }) => {
    const endOf = (partition: number) => journal.partitions.find(other => other.partition === partition)?.end
    return ready && lanes.length > 0 && lanes.every(({ partition, position }) => position === endOf(partition))
  }, 'the end of the journal in every lane')

/** Every message in the local store. */
export async function searchedIn({ http }: Product): Promise<string[]> {
  const found: string[] = []
  let page: LogPage
  let cursor = ''
  do {
    page = JSON.parse(await (await fetch(`${http}/api/v1/logs?limit=500${cursor}`)).text())
    for (const { message } of page.logs) found.push(message)
    cursor = `&cursor=${encodeURIComponent(page.next ?? '')}`
  } while (page.next !== undefined)
  return found
}

export interface Stored {
  readonly message: string
  readonly tags?: readonly string[]
  readonly error?: { readonly message: string }
  readonly [field: string]: unknown
}

const pageRows = 5000

/** Every document of a data stream, or those that a query finds. */
export async function documentsIn(url: string, stream: string, query: object = { match_all: {} }): Promise<Stored[]> {
  await fetch(`${url}/${stream}/_refresh`, { method: 'POST' })
  const found: Stored[] = []
  let after: unknown[] | undefined
  for (;;) {
    const body = { query, size: pageRows, sort: ['event.id'], ...(after && { search_after: after }) }
    const { hits } = await askElasticsearch(`${url}/${stream}/_search`, 'POST', body)
    for (const { _source } of hits.hits) found.push(_source)
    after = hits.hits.at(-1)?.sort
    if (hits.hits.length < pageRows) return found
  }
}

interface Answer {
  readonly hits: { readonly hits: readonly { readonly _source: Stored; readonly sort: unknown[] }[] }
}

export async function askElasticsearch(url: string, method: string, body?: object): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Answer
}

/** Names of the files that hold what stores refused for good. */
export function deadLettersIn(dataDir: string): string[] {
  const folder = join(dataDir, 'dead-letters')
  return existsSync(folder) ? readdirSync(folder) : []
}
