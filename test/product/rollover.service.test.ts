import { expect, onTestFinished, test } from 'vitest'
import { emptyLedger } from '../../src/ledger.ts'
import { openCulvert } from '../delivery/open-culvert.ts'
import { type Fate, startSilentProxy } from '../sinks/elasticsearch/silent-proxy.ts'
import {
  askElasticsearch,
  counted,
  documentsIn,
  laneOf,
  logLine,
  openProduct,
  sendTcp,
  sharedElasticsearch,
  untilDelivered
} from './faults.ts'

/*
 * `create` sees only the newest backing index of a data stream: what is sent again after a rollover would be stored twice, if nobody
 * asked the others.
 */

/** The shared Elasticsearch with a data stream of this test's own, behind a proxy that has its way with answers to bulk requests. */
async function openStore(fateOfBulk: (nth: number) => Fate | Promise<Fate>) {
  const { url, stream, env } = sharedElasticsearch()
  let bulks = 0
  const proxy = await startSilentProxy(url, path => (path.includes('_bulk') ? fateOfBulk(++bulks) : 'pass'))
  onTestFinished(() => proxy.stop())
  return {
    env: { ...env, ELASTICSEARCH_URL: proxy.url },
    rollOver: () => askElasticsearch(`${url}/${stream}/_rollover`, 'POST'),
    async messages(): Promise<string[]> {
      return (await documentsIn(url, stream)).map(({ message }) => message).sort()
    }
  }
}

const texts = (count: number, name: string): string[] =>
  Array.from({ length: count }, (_, i) => `${name} ${String(i).padStart(5, '0')}`)
const bytesOf = (messages: readonly string[]): string => messages.map(text => counted(logLine(text))).join('')

test('a batch whose answer was cut off before a rollover is stored once, and counted as duplicate', async () => {
  const store = await openStore(async nth => {
    if (nth > 1) return 'pass'
    await store.rollOver()
    return 'cut'
  })
  const product = await openProduct(store.env)
  const lines = texts(100, 'line')
  await sendTcp(product.syslog, bytesOf(lines))
  const { ledger, retries } = laneOf(await untilDelivered(product, 'elasticsearch', 100), 'elasticsearch')
  expect(await store.messages()).toEqual(lines)
  expect(retries).toBe(1)
  expect(ledger).toEqual({ ...emptyLedger, received: 100, stored: 0, duplicate: 100 })
})

test('killed with batches in flight, before a rollover: nothing is stored twice, and the books balance', async () => {
  const answered = 2
  const inFlight = Promise.withResolvers<void>()
  const store = await openStore(nth => {
    if (nth <= answered) return 'pass'
    if (nth === answered + 2) inFlight.resolve()
    return nth <= answered + 2 ? 'hold' : 'pass'
  })
  const product = await openProduct(store.env)
  const lines = texts(20_000, 'line')
  await sendTcp(product.syslog, bytesOf(lines))
  await inFlight.promise
  await product.kill('SIGKILL')
  await store.rollOver()
  await product.restart()
  const { ledger } = laneOf(await untilDelivered(product, 'elasticsearch', lines.length), 'elasticsearch')
  expect(await store.messages()).toEqual(lines)
  expect(ledger.duplicate).toBeGreaterThan(0)
  expect(ledger).toEqual({
    ...emptyLedger,
    received: lines.length,
    stored: lines.length - ledger.duplicate,
    duplicate: ledger.duplicate
  })
})

test('the worker fails with batches in flight, before a rollover: nothing is stored twice, and the books balance', async context => {
  const inFlight = Promise.withResolvers<void>()
  let fate: Fate = 'hold'
  const store = await openStore(() => {
    inFlight.resolve()
    return fate
  })
  const { fail, post, until } = await openCulvert(context, { ...store.env, CULVERT_LOCAL_STORE: 'on' })
  const lines = texts(4000, 'line')
  for (let from = 0; from < lines.length; from += 1000) await post(lines.slice(from, from + 1000))
  await inFlight.promise
  fail('an error')
  await until(({ worker }) => worker.restarts === 1)
  fate = 'pass'
  await store.rollOver()
  const { lanes } = await until(
    ({ lanes }) => lanes.length === 2 && lanes.every(({ ledger }) => ledger.received === lines.length)
  )
  expect(await store.messages()).toEqual(lines)
  const { ledger } = lanes.find(({ name }) => name === 'elasticsearch')!
  expect(ledger.duplicate).toBeGreaterThan(0)
  expect(ledger.stored + ledger.duplicate).toBe(lines.length)
  expect(lanes.find(({ name }) => name === 'local')?.ledger).toMatchObject({ stored: lines.length, duplicate: 0 })
})
