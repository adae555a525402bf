import { expect, test } from 'vitest'
import {
  askElasticsearch,
  counted,
  deadLettersIn,
  documentsIn,
  laneOf,
  logLine,
  openProduct,
  sendTcp,
  sharedElasticsearch,
  untilDelivered
} from './faults.ts'

test('a write block refuses nothing for good: it is said, and everything is stored once when it is gone', async () => {
  const { url, stream, env } = sharedElasticsearch()
  const product = await openProduct(env)
  await sendTcp(product.syslog, counted(logLine('before')))
  await untilDelivered(product, 'elasticsearch', 1)

  const block = (on: boolean) => askElasticsearch(`${url}/${stream}/_settings`, 'PUT', { 'index.blocks.write': on })
  await block(true)
  // The second is refused in itself as well: that must not be held against it now.
  const meanwhile = ['meanwhile', '{"msg":"poison","a\\u0000b":1}', 'meanwhile too']
  await sendTcp(product.syslog, meanwhile.map(text => counted(logLine(text))).join(''))
  const blocked = await product.until(
    status => laneOf(status, 'elasticsearch').retries > 1,
    'more than one try at a blocked data stream'
  )
  expect(laneOf(blocked, 'elasticsearch')).toMatchObject({
    state: 'retrying',
    ledger: { received: 1, stored: 1, dead: 0 },
    inFlight: 3,
    lastError: { code: 'SINK_UNAVAILABLE' }
  })
  const ready = await fetch(`${product.http}/health/ready`)
  expect({ status: ready.status, answer: await ready.json() }).toEqual({
    status: 503,
    answer: {
      ready: false,
      reasons: [expect.stringMatching(/^The lane elasticsearch retries: 403: cluster_block_exception: /)]
    }
  })

  await block(false)
  const delivered = await untilDelivered(product, 'elasticsearch', 4)
  expect(laneOf(delivered, 'elasticsearch').ledger).toMatchObject({ stored: 4, dead: 0, duplicate: 0 })
  const messages = (await documentsIn(url, stream)).map(({ message }) => message)
  expect(messages.sort()).toEqual(['before', 'meanwhile', 'meanwhile too', 'poison'])
  expect(deadLettersIn(product.dataDir)).toEqual([])
})
