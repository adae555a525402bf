import { createServer } from 'node:http'
import { inspect } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { createBulkRequests } from '../../../sinks/elasticsearch/bulk-request.ts'
import { createClient } from '../../../sinks/elasticsearch/client.ts'
import { elasticsearchOptions } from '../../../sinks/elasticsearch/options.ts'
import type { CulvertError } from '../../../src/core/errors.ts'

/** What a bulk request rejects with when the answer is `status`, or the connection is cut instead. */
async function failure(status: number | undefined): Promise<CulvertError> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (status === undefined) request.socket.destroy()
      else response.writeHead(status, { 'x-elastic-product': 'Elasticsearch', 'retry-after': '7' }).end('no')
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const options = elasticsearchOptions.parse({ node: `http://elastic:verysecret@127.0.0.1:${port}` })
  const client = createClient(options)
  onTestFinished(() => client.close())
  const body = Buffer.from('{"create":{}}\n{"message":"said in confidence"}\n')
  return createBulkRequests(client, 'logs')
    .send(body, 1, new AbortController().signal)
    .then(
      () => expect.fail('it did not fail'),
      (error: CulvertError) => error
    )
}

/** All that can be reached from an error: what a log might print, and what its holder keeps in memory. */
const everything = (error: Error): string => inspect(error, { depth: 30, showHidden: true, maxArrayLength: null })

test('an error holds neither the body of its request, 2 MB in use, nor credentials', async () => {
  for (const status of [undefined, 400, 401, 429, 503]) {
    const error = await failure(status)
    const held = everything(error)
    expect(held).toContain('Elasticsearch')
    expect(held).not.toMatch(/verysecret|authorization|bulkBody|Buffer|confidence/i)
    expect(held).not.toContain(Buffer.from('elastic:verysecret').toString('base64'))
    expect(error.retryAfterMs).toBe(status === undefined || status === 400 ? undefined : 7000)
  }
})
