import { rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  askElasticsearch,
  documentsIn,
  laneOf,
  logLine,
  openDirectory,
  openProduct,
  postUntilTaken,
  sharedElasticsearch,
  testOver,
  untilDelivered
} from './faults.ts'

test('a POST is answered when every lane has delivered it, or with 503; what was answered survives the loss of the disk', async () => {
  const { url, stream, env } = sharedElasticsearch()
  const dataDir = openDirectory()
  const product = await openProduct({ ...env, CULVERT_DRAIN_ACKNOWLEDGE: 'delivered' }, dataDir)
  const drain = `${product.http}/drain`
  const post = (text: string) => fetch(drain, { method: 'POST', body: logLine(text) })
  const block = (on: boolean) => askElasticsearch(`${url}/${stream}/_settings`, 'PUT', { 'index.blocks.write': on })
  const messages = async () => (await documentsIn(url, stream)).map(({ message }) => message).sort()

  expect((await post('first')).status).toBe(204)
  expect(await messages()).toEqual(['first'])

  await block(true)
  const refused = await post('second')
  expect([refused.status, await refused.json()]).toMatchObject([503, { code: 'NOT_DELIVERED' }])
  const repeated = post('second')
  await product.until(({ listeners }) => listeners.some(({ waiting }) => waiting === 1), 'a POST that waits')
  expect(await messages()).toEqual(['first'])
  await block(false)
  expect((await repeated).status).toBe(204)
  expect(await messages()).toEqual(['first', 'second'])
  const status = await untilDelivered(product, 'elasticsearch', 3)
  expect(laneOf(status, 'elasticsearch').ledger).toMatchObject({ stored: 2, duplicate: 1 })

  await block(true)
  const unanswered = post('third').catch(() => 'no answer')
  await product.until(({ listeners }) => listeners.some(({ waiting }) => waiting === 1), 'a POST that waits')
  await product.kill('SIGKILL')
  expect(await unanswered).toBe('no answer')
  rmSync(dataDir, { recursive: true })
  await block(false)
  await product.restart()
  await postUntilTaken(drain, logLine('third'), testOver())
  expect(await messages()).toEqual(['first', 'second', 'third'])
})
