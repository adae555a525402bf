import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import type { DeadLetterPage } from '../../src/core/dead-letter.ts'
import { runCommand as run } from './command.ts'
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
import type { Product } from './product.ts'

/** A data stream that takes messages only that are numbers, until it is mended: others are refused in every form. */
async function openStrictStream() {
  const shared = sharedElasticsearch()
  const { url, stream } = shared
  const template = (message: object) => ({
    index_patterns: [stream],
    priority: 1000,
    data_stream: {},
    template: {
      mappings: {
        dynamic: false,
        properties: {
          '@timestamp': { type: 'date_nanos' },
          message,
          event: { properties: { id: { type: 'keyword' } } }
        }
      }
    }
  })
  const put = (message: object) => askElasticsearch(`${url}/_index_template/${stream}`, 'PUT', template(message))
  await put({ type: 'long' })
  onTestFinished(() => fetch(`${url}/_index_template/${stream}`, { method: 'DELETE' }).then(() => undefined))
  return {
    ...shared,
    async mend(): Promise<void> {
      await put({ type: 'text' })
      await askElasticsearch(`${url}/${stream}/_rollover`, 'POST')
    }
  }
}

const list = async ({ http }: Product): Promise<DeadLetterPage> =>
  JSON.parse(await (await fetch(`${http}/api/v1/dead-letters`)).text())

const messages = async (url: string, stream: string) =>
  (await documentsIn(url, stream)).map(({ message }) => message).sort()

test('refused, mended, put back: every line is stored once, under the id that it had', async () => {
  const { url, stream, env, mend } = await openStrictStream()
  const product = await openProduct(env)
  const lines = ['1', 'two', '3', 'four', 'five'].map(line => counted(logLine(line)))
  await sendTcp(product.syslog, lines.join(''))
  const before = await untilDelivered(product, 'elasticsearch', 5)
  expect(laneOf(before, 'elasticsearch').ledger).toMatchObject({ stored: 2, dead: 3 })
  const { letters } = await list(product)
  expect(letters.map(row => row.text)).toEqual(['five', 'four', 'two'])
  await product.until(({ deadLetters }) => deadLetters[0]?.letters === 3, 'the count')
  expect(await (await fetch(`${product.http}/metrics`)).text()).toContain(
    'culvert_dead_letters{lane="elasticsearch"} 3'
  )

  const tooEarly = await run(product, 'replay', '--dead-letters', '--yes')
  expect([tooEarly.code, tooEarly.out]).toEqual([1, expect.stringContaining('0 of 3 put back, 3 refused again')])
  expect(deadLettersIn(product.dataDir)).toHaveLength(1)

  await mend()
  const dry = await run(product, 'replay', '--dead-letters', '--dry-run')
  expect([dry.code, dry.out]).toEqual([0, expect.stringMatching(/3 dead letters wait:\n +3 {2}elasticsearch/)])
  expect((await run(product, 'replay', '--dead-letters')).code).toBe(64)
  const some = await run(product, 'replay', '--dead-letters', '--q', 'four', '--yes')
  expect([some.code, some.out]).toEqual([0, expect.stringContaining('1 of 1 put back.')])
  expect(await messages(url, stream)).toEqual(['1', '3', 'four'])
  expect((await run(product, 'dead-letters', '--json')).out.match(/"text":/g)).toHaveLength(2)
  const rest = await run(product, 'replay', '--dead-letters', '--yes')
  expect([rest.code, rest.out]).toEqual([0, expect.stringContaining('2 of 2 put back.')])
  const again = await run(product, 'replay', '--dead-letters', '--yes')
  expect([again.code, again.out]).toEqual([0, 'No dead letters wait.\n'])

  expect(await messages(url, stream)).toEqual(['1', '3', 'five', 'four', 'two'])
  const ids = (await documentsIn(url, stream)).map(document => Reflect.get(Object(document['event']), 'id'))
  for (const { id } of letters) expect(ids).toContain(id)
  expect(deadLettersIn(product.dataDir)).toEqual([])
  const { lanes, deadLetters } = await product.status()
  expect(laneOf({ ...before, lanes }, 'elasticsearch').ledger).toMatchObject({ stored: 2, dead: 3 })
  expect(deadLetters).toEqual([{ lane: 'elasticsearch', letters: 0, files: 0, bytes: 0, putBack: 3 }])
})

/** Passes everything on; from `hold` on it keeps the answers to bulk requests, which Elasticsearch has done then. */
async function startHoldingProxy(target: string) {
  const { hostname, port } = new URL(target)
  const held = Promise.withResolvers<void>()
  let holding = false
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming
    const forward = request({ hostname, port, method, path, headers }, async answered => {
      if (holding && path?.includes('_bulk')) {
        await text(answered)
        held.resolve()
        return
      }
      outgoing.writeHead(answered.statusCode ?? 502, answered.headers)
      answered.pipe(outgoing)
    })
    forward.on('error', () => outgoing.destroy())
    incoming.pipe(forward)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Resolves when Elasticsearch has answered a bulk request, and nobody has heard of it. */
    hold(): Promise<void> {
      holding = true
      return held.promise
    },
    release(): void {
      holding = false
    }
  }
}

test('killed between the store’s yes and the mark, and the data stream rolled over: nothing is lost, nothing is stored twice', async () => {
  const { url, stream, env, mend } = await openStrictStream()
  const proxy = await startHoldingProxy(url)
  const product = await openProduct({ ...env, ELASTICSEARCH_URL: proxy.url })
  await sendTcp(product.syslog, ['one', 'two', 'three'].map(line => counted(logLine(line))).join(''))
  await untilDelivered(product, 'elasticsearch', 3)
  await mend()

  const held = proxy.hold()
  const cut = run(product, 'replay', '--dead-letters', '--yes')
  await held
  await product.kill('SIGKILL')
  expect(await cut).toMatchObject({ code: 1, err: expect.stringContaining('the rest waits') })
  expect(await messages(url, stream)).toEqual(['one', 'three', 'two'])
  proxy.release()
  await product.restart()
  expect((await list(product)).letters).toHaveLength(3)
  await askElasticsearch(`${url}/${stream}/_rollover`, 'POST')

  await product.until(({ ready }) => ready, 'a lane')
  const again = await run(product, 'replay', '--dead-letters', '--yes')
  expect([again.code, again.out]).toEqual([0, expect.stringContaining('3 of 3 put back (3 were stored already).')])
  expect(await messages(url, stream)).toEqual(['one', 'three', 'two'])
  expect(deadLettersIn(product.dataDir)).toEqual([])
})
