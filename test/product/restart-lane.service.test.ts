import { expect, test } from 'vitest'
import {
  documentsIn,
  laneOf,
  logLine,
  openProduct,
  postUntilTaken,
  sharedElasticsearch,
  testOver,
  untilAllDelivered
} from './faults.ts'
import type { Product } from './product.ts'

const restart = ({ http }: Product, lane: string): Promise<Response> =>
  fetch(`${http}/api/v1/lanes/${lane}/restart`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}'
  })

test('a lane restarted under load, and killed within a restart, stores every line once, and its books go on', async () => {
  const { url, stream, env } = sharedElasticsearch()
  const product = await openProduct({ ...env, CULVERT_LOCAL_STORE: 'on' })
  const over = testOver()
  const lines: string[] = []
  let sending = true
  const agent = (async () => {
    for (let post = 0; sending; post++) {
      const texts = Array.from({ length: 20 }, (_, i) => `line ${post}.${i}`)
      await postUntilTaken(`${product.http}/drain`, texts.map(text => logLine(text)).join(''), over)
      lines.push(...texts)
    }
  })()
  agent.catch(() => undefined) // of a test that has failed already

  for (const lane of ['elasticsearch', 'local', 'elasticsearch']) {
    const before = lines.length
    await expect.poll(() => lines.length, { timeout: 60_000 }).toBeGreaterThan(before + 200)
    const answer = await restart(product, lane)
    expect([answer.status, await answer.json()]).toEqual([200, { lane }])
  }
  const cut = restart(product, 'elasticsearch').catch(() => undefined)
  await product.kill('SIGKILL')
  await cut
  await product.restart()
  sending = false
  await agent

  const status = await untilAllDelivered(product)
  expect((await documentsIn(url, stream)).map(({ message }) => message).sort()).toEqual(lines.sort())
  for (const name of ['elasticsearch', 'local']) {
    const { received, stored, duplicate, ...rest } = laneOf(status, name).ledger
    expect(stored + duplicate).toBe(received)
    expect(Object.values(rest).every(count => count === 0)).toBe(true)
  }
  expect((await restart(product, 'nothing')).status).toBe(404)
})
