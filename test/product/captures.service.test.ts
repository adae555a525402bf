import { once } from 'node:events'
import { expect, inject, type TestContext, test } from 'vitest'
import type { Status } from '../../src/core/status.ts'
import { captures, connectionsOf, requestsOf } from '../cases/captures.ts'
import { certificates } from '../cases/certificates.ts'
import { documentOf, hitsOf, idBytesOf, placeOf } from './captured/elasticsearch.ts'
import { expectedDocuments, expectedLocally, expectedPlaces, expectedPoints, kindsOf } from './captured/expected.ts'
import { createBucket, pointsOf } from './captured/influxdb.ts'
import { plainRows, rowsOf, seriesOf } from './captured/local-store.ts'
import { elsewise, isInOrder, isPosted, listenerOf, type Run, recorded, settingsOf } from './captured/runs.ts'
import { open, send } from './captured/send.ts'
import { type Product, startProduct } from './product.ts'

/*
 * What the platform's agent really sent, by every scheme that it has, through the whole product into real stores. The agent was given the
 * same envelopes each time: the same golden files (test/cases/captured) hold for all schemes.
 */

const influxdb = inject('influxdb')
const elasticsearchUrl = inject('elasticsearchUrl')
let names = 0
/** The servers are shared: a name for a namespace and a bucket of this run's own. */
const newName = (): string => `captured-${process.pid}-${names++}`

/** The listeners that took something or found something wrong. */
const heard = (listeners: Status['listeners']) =>
  listeners
    .map(({ name, frames, problems }) => ({ name, frames, problems }))
    .filter(({ frames, problems }) => frames > 0 || Object.keys(problems).length > 0)

/** The product as a capture's drain needs it, after that capture was sent and every lane has seen all of it. */
async function after(run: Run, context: TestContext, stores: Record<string, string>): Promise<Product> {
  const product = await startProduct(undefined, { ...settingsOf(run), ...stores })
  context.onTestFinished(() => product.stop())
  const statuses = await send(product, run)
  expect(statuses).toEqual(isPosted(run) ? requestsOf(run.capture).map(() => 204) : [])
  const frames = captures[run.capture]
  const { listeners } = await product.until(
    ({ lanes }) => lanes.length > 0 && lanes.every(({ ledger }) => ledger.received === frames),
    'all frames'
  )
  expect(heard(listeners)).toEqual([{ name: listenerOf(run), frames, problems: {} }])
  return product
}

const books = { duplicate: 0, joined: 0, folded: 0, dead: 0, lost: 0 }

async function ledgers(product: Product): Promise<Record<string, unknown>> {
  const { lanes } = await product.status()
  return Object.fromEntries(lanes.map(({ name, ledger }) => [name, ledger]))
}

const runs = [...recorded, ...elsewise]
test.concurrent.for(
  runs
)('$capture over $transport: Elasticsearch and InfluxDB have all of it', async (run, context) => {
  const name = newName()
  await createBucket(influxdb, name)
  const product = await after(run, context, {
    ELASTICSEARCH_URL: elasticsearchUrl,
    ELASTICSEARCH_NAMESPACE: name,
    INFLUXDB_URL: influxdb.url,
    INFLUXDB_ORG: influxdb.org,
    INFLUXDB_TOKEN: influxdb.token,
    INFLUXDB_BUCKET: name
  })
  const { log, event, gauge, counter, timer } = kindsOf(run.capture)
  const [received, toElasticsearch, toInfluxdb] = [captures[run.capture], log + event, gauge + counter + timer]
  expect(await ledgers(product)).toEqual({
    elasticsearch: { ...books, received, stored: toElasticsearch, filtered: toInfluxdb },
    influxdb: { ...books, received, stored: toInfluxdb, filtered: toElasticsearch }
  })

  const hits = await hitsOf(elasticsearchUrl, `logs-cloudfoundry.app-${name}`)
  const documents = hits.map(documentOf)
  expect(documents).toEqual(expectedDocuments(run.capture, documents))
  expect(hits.map(({ _source }) => _source.event['id'])).toEqual(hits.map(({ _id }) => _id))
  const places = expectedPlaces(run.capture)
  if (places !== undefined) expect(hits.map(placeOf)).toEqual(places)
  // The agent sent the lines in the order of their times.
  if (isInOrder(run)) expect(hits.map(idBytesOf)).toEqual(hits.map(idBytesOf).toSorted())
  const points = await pointsOf(influxdb, name)
  expect(points).toEqual(expectedPoints(run.capture, points))
})

test.concurrent.for(recorded)('$capture over $transport: the local store has all of it', async (run, context) => {
  const start = Date.now()
  const product = await after(run, context, {})
  const received = captures[run.capture]
  expect(await ledgers(product)).toEqual({ local: { ...books, received, stored: received, filtered: 0 } })

  const rows = await rowsOf(product)
  const stored = { logs: plainRows(rows), series: await seriesOf(product) }
  expect(stored).toEqual(expectedLocally(run.capture, stored))
  const times = rows.map(({ time }) => time)
  expect(times).toEqual(times.toSorted().toReversed())
  expect(rows.filter(({ receivedAt }) => receivedAt < start || receivedAt > Date.now())).toEqual([])
})

const withClients = recorded.filter(({ capture }) => capture.includes('mtls'))

test.concurrent.for(withClients)('$capture: nothing comes in without the right certificate', async (run, context) => {
  const product = await startProduct(undefined, settingsOf(run))
  context.onTestFinished(() => product.stop())
  for (const identity of [undefined, certificates.strangeClient]) {
    const socket = await open(isPosted(run) ? product.https! : product.syslogTls!, 'TLSv1.3', identity)
    socket.end(connectionsOf(run.capture)[0])
    await once(socket.resume(), 'close').catch(() => {}) // with an error or without
  }
  const refused = { frames: 0, problems: { tls_handshake: 2 } }
  const bothRefused = ({ listeners }: Status) =>
    heard(listeners).some(({ problems }) => Object.values(problems)[0] === 2)
  const { listeners, journal } = await product.until(bothRefused, 'both refusals')
  expect(heard(listeners)).toEqual([{ name: listenerOf(run), ...refused }])
  expect(journal.records).toBe(0)
})

test('https-basicauth-all: with another password every POST is refused, and nothing gets in', async context => {
  const run = recorded.find(({ capture }) => capture === 'https-basicauth-all')!
  const product = await startProduct(undefined, { ...settingsOf(run), CULVERT_DRAIN_PASSWORD: 'another' })
  context.onTestFinished(() => product.stop())
  expect(await send(product, run)).toEqual(requestsOf(run.capture).map(() => 401))
  expect((await product.status()).journal.records).toBe(0)
})
