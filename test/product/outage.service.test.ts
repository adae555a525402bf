import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Server } from '../services/services.ts'
import {
  deadLettersIn,
  defaultStream,
  documentsIn,
  gaugeLine,
  laneOf,
  logLine,
  openElasticsearch,
  openProduct,
  ownBucket,
  postUntilTaken,
  testOver
} from './faults.ts'
import type { Product } from './product.ts'

const linesPerPost = 20
const framesPerPost = linesPerPost + 1
/** 200 lines a second, and gauges between them. */
const pacingMs = 100
/** A minute, in which InfluxDB is looked at again and again. */
const rounds = 12
const roundMs = 5000

/** Posts for ever, ten times a second, each POST until it is taken. */
function startLoad({ http }: Product) {
  const over = testOver()
  const lines: string[] = []
  let posts = 0
  let stopping = false
  async function run(): Promise<void> {
    for (let post = 0; !stopping; post++) {
      const texts = Array.from({ length: linesPerPost }, (_, i) => `line ${post} ${i}`)
      const gauge = gaugeLine('latency', post, `2026-11-24T04:29:03.${String(post + 1).padStart(6, '0')}+00:00`)
      const body = texts.map((text, i) => `${logLine(text)}${i === 9 ? gauge : ''}`).join('')
      await Promise.all([postUntilTaken(`${http}/drain`, body, over), delay(pacingMs)])
      lines.push(...texts)
      posts++
    }
  }
  const running = run()
  running.catch(() => undefined) // of a test that has failed already
  return {
    lines,
    posts: (): number => posts,
    async stop(): Promise<void> {
      stopping = true
      await running
    }
  }
}

interface Outage {
  readonly begin: (server: Server) => unknown
  readonly end: (server: Server) => unknown
}
const outages: Readonly<Record<string, Outage>> = {
  killed: { begin: server => server.kill('SIGKILL'), end: server => server.restart() },
  // Connections are accepted and nothing is answered: requests are given up, and yet carried out later.
  hung: { begin: server => server.pause(), end: server => server.resume() }
}

async function aMinuteWithout({ begin, end }: Outage): Promise<void> {
  const server = await openElasticsearch()
  const bucket = ownBucket()
  const product = await openProduct({ ELASTICSEARCH_URL: server.url, ...bucket.env })
  const load = startLoad(product)
  await product.until(
    status => laneOf(status, 'elasticsearch').ledger.stored > 0 && laneOf(status, 'influxdb').ledger.stored > 0,
    'lines in both stores'
  )
  await begin(server)

  for (let round = 0; round < rounds; round++) {
    await delay(roundMs)
    const posts = load.posts()
    await product.until(
      status => laneOf(status, 'influxdb').ledger.received >= posts * framesPerPost,
      'InfluxDB with all that came so far'
    )
    expect(await bucket.points()).toBeGreaterThanOrEqual(posts)
  }
  const meanwhile = load.posts() * framesPerPost
  const away = await product.until(
    status => laneOf(status, 'elasticsearch').state === 'retrying',
    'that Elasticsearch is away'
  )
  expect(laneOf(away, 'elasticsearch').ledger.received).toBeLessThan(meanwhile)
  expect(laneOf(away, 'influxdb')).toMatchObject({ state: 'running', retries: 0 })
  const ready = await fetch(`${product.http}/health/ready`)
  expect({ status: ready.status, answer: await ready.json() }).toEqual({
    status: 503,
    answer: {
      ready: false,
      reasons: [expect.stringMatching(/^The lane elasticsearch retries: (?:.+ )?Elasticsearch could not/)]
    }
  })

  await end(server)
  await product.until(({ ready }) => ready, 'that Elasticsearch is back')
  await product.until(
    status => laneOf(status, 'elasticsearch').ledger.received >= meanwhile,
    'the lines of the minute, while others come'
  )
  await load.stop()
  const frames = load.posts() * framesPerPost
  const delivered = await product.until(
    ({ ready, lanes }) => ready && lanes.every(({ ledger }) => ledger.received === frames),
    'all frames in both lanes'
  )
  const messages = (await documentsIn(server.url, defaultStream)).map(({ message }) => message)
  expect(messages.sort()).toEqual(load.lines.sort())
  expect(await bucket.points()).toBe(load.posts())
  for (const { ledger } of delivered.lanes) expect(ledger).toMatchObject({ dead: 0, lost: 0 })
  expect(laneOf(delivered, 'influxdb').ledger).toMatchObject({ stored: load.posts(), duplicate: 0 })
  expect(deadLettersIn(product.dataDir)).toEqual([])
}

test('a minute without Elasticsearch, killed or hung: InfluxDB is not delayed, and every line is stored once', async () => {
  await Promise.all(Object.values(outages).map(aMinuteWithout))
}, 600_000)
