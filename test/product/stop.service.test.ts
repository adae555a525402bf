import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { LogRow } from '../../src/core/plain.ts'
import { type Product, startProduct, temporaryDirectory } from './product.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const line = (text: string) => `<14>1 2026-11-24T04:29:03.785942+00:00 o.s.a app [APP/PROC/WEB/0] - - ${text}\n`
const counted = (text: string) => `${line(text).length} ${line(text)}`

/** Elasticsearch as far as a lane sees it that begins to write; writes are never answered. */
async function hangingElasticsearch(): Promise<string> {
  const server = createServer((request, response) => {
    request.resume()
    if (request.url?.endsWith('/_bulk') || request.url?.includes('/_bulk?')) return
    response.setHeader('x-elastic-product', 'Elasticsearch')
    response.setHeader('content-type', 'application/json')
    response.end('{"acknowledged":true}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

function dataDirectory(): string {
  const directory = temporaryDirectory()
  cleanups.push(() => directory.remove())
  return directory.path
}

async function product(dataDir: string, env: Record<string, string> = {}): Promise<Product> {
  const started = await startProduct(dataDir, { LOG_LEVEL: 'debug', ...env })
  cleanups.push(() => started.end('SIGKILL'))
  return started
}

async function dial(port: number): Promise<{ socket: Socket; closed: Promise<unknown>; received(): string }> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  let received = ''
  socket.on('data', bytes => {
    received += bytes
  })
  return { socket, closed: new Promise(resolve => void socket.once('close', resolve)), received: () => received }
}

const posting = (body: string, length = body.length) =>
  `POST /drain HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${length}\r\n\r\n${body}`

/** What a store of the same journal finds afterwards. */
async function messagesIn(dataDir: string): Promise<string[]> {
  const running = await product(dataDir)
  await running.until(({ lanes }) => lanes[0]?.state === 'running' && lanes[0].lagBytes === 0, 'all lines')
  const { logs } = JSON.parse(await (await fetch(`${running.http}/api/v1/logs?limit=500`)).text())
  return logs.map(({ message }: LogRow) => message).sort()
}

const stages = (output: string) => Array.from(output.matchAll(/"stage":"(\w+)"/g), ([, stage]) => stage)

test('a stop with senders, watchers and a sink that hang ends in order and in time, and nothing acknowledged is lost', async () => {
  const dataDir = dataDirectory()
  const running = await product(dataDir, { ELASTICSEARCH_URL: await hangingElasticsearch() })
  const httpPort = Number(new URL(running.http).port)
  const tail = await fetch(`${running.http}/api/v1/tail`)
  const ended = tail.text()
  const idle = await dial(httpPort)
  idle.socket.write('GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n')
  const hanging = await dial(httpPort)
  hanging.socket.write(posting('half of it', 1000))
  const syslog = await dial(running.syslog)
  syslog.socket.write(counted('over syslog'))
  expect((await fetch(`${running.http}/drain`, { method: 'POST', body: line('posted') })).status).toBe(204)
  await running.until(
    ({ journal, lanes }) => journal.records === 2 && lanes[0]?.inFlight === 2,
    'a write of both records'
  )

  expect(await running.kill('SIGTERM')).toBe(0)
  await Promise.all([ended, idle.closed, hanging.closed, syslog.closed])
  expect(hanging.received()).toBe('')
  expect(stages(running.output())).toEqual(['input', 'lanes', 'journal'])
  expect(running.output()).not.toContain('Not all stopped in time')
  expect(await messagesIn(dataDir)).toEqual(['over syslog', 'posted'])
})

test('what is on its way when the signal comes is taken and answered', async () => {
  const dataDir = dataDirectory()
  const running = await product(dataDir, { ELASTICSEARCH_URL: await hangingElasticsearch() })
  const post = await dial(Number(new URL(running.http).port))
  const body = line('posted late')
  post.socket.write(posting(body.slice(0, 20), body.length))
  const syslog = await dial(running.syslog)
  await running.until(({ listeners }) => listeners.every(({ connections }) => connections > 0), 'both connections')
  const exit = running.kill('SIGTERM')
  await expect.poll(() => running.output(), { timeout: 10_000 }).toContain('Stopping;')
  post.socket.write(body.slice(20))
  syslog.socket.write(counted('sent late'))
  await post.closed
  expect(post.received()).toMatch(/^HTTP\/1\.1 204 /)
  expect(await exit).toBe(0)
  expect(await messagesIn(dataDir)).toEqual(['posted late', 'sent late'])
})

test.for([
  ['SIGTERM', 143],
  ['SIGINT', 130]
] as const)('a second %s ends at once, and loses nothing that was acknowledged', async ([signal, code]) => {
  const dataDir = dataDirectory()
  const running = await product(dataDir, { ELASTICSEARCH_URL: await hangingElasticsearch() })
  const acknowledged: string[] = []
  const agents = Array.from({ length: 4 }, async (_, agent) => {
    for (let post = 0; post < 100; post++) {
      const text = `line ${agent} ${post}`
      const answer = await fetch(`${running.http}/drain`, { method: 'POST', body: line(text) }).catch(() => undefined)
      if (answer?.status !== 204) return
      acknowledged.push(text)
    }
  })
  await expect.poll(() => acknowledged.length, { timeout: 30_000 }).toBeGreaterThan(50)
  const { pid } = running
  const exit = running.kill(signal)
  await expect.poll(() => running.output(), { timeout: 10_000 }).toContain('Stopping;')
  // A moment after the first it is the same wish still.
  const again = setInterval(() => process.kill(pid ?? 0, signal), 100)
  expect(await exit).toBe(code)
  clearInterval(again)
  await Promise.all(agents)
  expect(running.output()).not.toContain('"msg":"Stopped')
  const stored = await messagesIn(dataDir)
  expect(acknowledged.filter(text => !stored.includes(text))).toEqual([])
  expect(stored).toEqual([...new Set(stored)])
})

test('on Cloud Foundry a stop reads nothing more, and its last line counts what is lost with the container', async () => {
  const dataDir = dataDirectory()
  const running = await product(dataDir, {
    ELASTICSEARCH_URL: await hangingElasticsearch(),
    VCAP_APPLICATION: '{}',
    CULVERT_INSECURE: '1'
  })
  await expect
    .poll(() => running.output(), { timeout: 10_000 })
    .toContain('The journal lives as long as this container')
  const syslog = await dial(running.syslog)
  syslog.socket.write(counted('one') + counted('two'))
  await running.until(({ lanes }) => lanes[0]?.inFlight === 2, 'a write of both')
  const exit = running.kill('SIGTERM')
  await expect.poll(() => running.output(), { timeout: 10_000 }).toContain('Stopping;')
  syslog.socket.write(counted('late')) // elsewhere it would be read
  await syslog.closed
  expect(await exit).toBe(0)
  const lastLine = () => JSON.parse(running.output().trim().split('\n').at(-1)!)
  await expect.poll(() => lastLine().msg).toMatch(/^Stopped/) // the pipe may be slower than the end
  expect(lastLine()).toMatchObject({
    level: 'error',
    lost: [{ lane: 'elasticsearch', frames: 2, bytes: expect.any(Number) }],
    msg: 'Stopped. What was not delivered is lost with this container.'
  })
})
