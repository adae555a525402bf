import { Client } from '@elastic/elasticsearch'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type Server, startElasticsearch } from './services.ts'

const INDEX = 'culvert-test-services'

async function createTwice(client: Client): Promise<number[]> {
  const operations = [{ create: { _index: INDEX, _id: '1' } }, { message: 'hello' }]
  const responses = [await client.bulk({ operations }), await client.bulk({ operations })]
  return responses.map(({ items }) => items[0].create!.status)
}

test('the shared Elasticsearch is a real one: it creates a document once', async () => {
  const client = new Client({ node: inject('elasticsearchUrl') })
  await client.indices.delete({ index: INDEX, ignore_unavailable: true })
  expect(await createTwice(client)).toEqual([201, 409])
  await client.indices.delete({ index: INDEX })
  await client.close()
})

let server: Server
beforeAll(async () => {
  server = await startElasticsearch({ settings: ['indexing_pressure.memory.limit=300kb'] })
})
afterAll(() => server?.stop())

test('settings reach the node', async () => {
  const bytes = 'x'.repeat(1_500_000)
  const body = `{"create":{"_index":"${INDEX}-large"}}\n{"message":"${bytes}"}\n`
  const headers = { 'content-type': 'application/x-ndjson' }
  const { status } = await fetch(`${server.url}/_bulk`, { method: 'POST', headers, body })
  expect(status).toBe(429)
})

test('a killed Elasticsearch restarts on the same port with the same data', async () => {
  const client = new Client({ node: server.url })
  expect(await createTwice(client)).toEqual([201, 409])
  const before = server.pid
  await server.kill('SIGKILL')
  expect(server.pid).toBeUndefined()
  await expect(fetch(server.url)).rejects.toThrow()
  await server.restart()
  expect(server.pid).not.toBe(before)
  expect(await createTwice(client)).toEqual([409, 409])
  await server.restart() // while it is up: after a clean end
  expect(await createTwice(client)).toEqual([409, 409])
  await client.close()
})
