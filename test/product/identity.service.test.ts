import { rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import {
  counted,
  documentsIn,
  laneOf,
  logLine,
  openDirectory,
  openProduct,
  sendTcp,
  sharedElasticsearch,
  untilDelivered
} from './faults.ts'

test('with its data directory deleted between two lives, other lines at the same positions are stored as well', async () => {
  const { url, stream, env } = sharedElasticsearch()
  const dataDir = `${openDirectory()}/data`
  const positions: number[] = []
  for (const life of ['first life', 'second life']) {
    const product = await openProduct(env, dataDir)
    await sendTcp(product.syslog, [1, 2, 3].map(i => counted(logLine(`${life.padEnd(11)} ${i}`))).join(''))
    const lane = laneOf(await untilDelivered(product, 'elasticsearch', 3), 'elasticsearch')
    expect(lane.ledger).toMatchObject({ stored: 3, duplicate: 0 })
    positions.push(lane.position)
    await product.end('SIGTERM')
    await rm(dataDir, { recursive: true })
  }
  expect(positions[0]).toBe(positions[1])
  const messages = (await documentsIn(url, stream)).map(({ message }) => message)
  expect(messages.sort()).toEqual([
    ...[1, 2, 3].map(i => `first life  ${i}`),
    ...[1, 2, 3].map(i => `second life ${i}`)
  ])
})
