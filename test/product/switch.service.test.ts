import { expect, test } from 'vitest'
import {
  documentsIn,
  gaugeLine,
  laneOf,
  logLine,
  openDirectory,
  openProduct,
  postUntilTaken,
  sharedElasticsearch,
  testOver,
  untilAllDelivered,
  untilDelivered
} from './faults.ts'

/** The smallest journal that may be configured, and more than fits into it. */
const journalBytes = 64 * 2 ** 20
const posts = 28
/** Elasticsearch does not take metrics: bytes for the journal, and no work. */
const ballast = gaugeLine('ballast', 1)
  .replace('unit="ms"', `unit="${'x'.repeat(100_000)}"`)
  .repeat(30)

test('from the local store to Elasticsearch and back: what comes is stored, and an old cursor holds nothing back', async () => {
  const { url, stream, env } = sharedElasticsearch()
  const dataDir = openDirectory()
  const small = { CULVERT_JOURNAL_MAX_BYTES: `${journalBytes}` }
  const over = testOver()
  const alone = await openProduct(small, dataDir)
  await postUntilTaken(`${alone.http}/drain`, logLine('stored locally'), over)
  const { position } = laneOf(await untilDelivered(alone, 'local', 1), 'local')
  await alone.end('SIGTERM')

  const product = await openProduct({ ...small, ...env }, dataDir)
  const lines = Array.from({ length: posts }, (_, i) => `stored in Elasticsearch ${i}`)
  for (const line of lines) await postUntilTaken(`${product.http}/drain`, logLine(line) + ballast, over)
  const { lanes, journal } = await untilAllDelivered(product)
  expect(lanes.map(({ name }) => name)).toEqual(['elasticsearch'])
  expect(journal.partitions[0]?.end).toBeGreaterThan(position + journalBytes)
  expect(journal.partitions[0]?.oldest).toBeGreaterThan(position)
  expect(journal.bytes).toBeLessThanOrEqual(journalBytes)
  const messages = (await documentsIn(url, stream)).map(({ message }) => message)
  expect(messages.filter(message => message !== 'stored locally').sort()).toEqual(lines.sort())
  await product.end('SIGTERM')

  const again = await openProduct(small, dataDir)
  await postUntilTaken(`${again.http}/drain`, logLine('stored locally again'), over)
  await untilAllDelivered(again)
  const { logs } = JSON.parse(await (await fetch(`${again.http}/api/v1/logs?q=locally`)).text())
  expect(logs.map(({ message }: { message: string }) => message).sort()).toEqual([
    'stored locally',
    'stored locally again'
  ])
})
