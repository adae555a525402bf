import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { CulvertError } from '../../src/core/errors.ts'
import type { Drain } from '../../src/http/contract.ts'
import { type Options, openHttp } from './open-http.ts'
import { rawExchange } from './raw-post.ts'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

type Post = Parameters<Drain['handle']>[0]

async function openDrain(status = 204, options: Options = {}, parts: Partial<Drain> = {}) {
  const posts: Post[] = []
  const problems: string[] = []
  const drain: Drain = {
    handle: async post => {
      posts.push(post)
      return status
    },
    delivered: async () => {},
    authorized: () => true,
    problem: (listener, name) => problems.push(`${listener} ${name}`),
    ...parts
  }
  const opened = await openHttp(options, { drain })
  return { ...opened, posts, problems, port: opened.addresses.http.port }
}

const line = '<14>1 2026-11-24T07:00:00+00:00 acme.prod.shop guid [APP/PROC/WEB/0] - - hello\n'

describe('a POST', () => {
  test.each([
    '/drain',
    '/drain?drain-data=all',
    '/',
    '/?a=%zz&a=1',
    '/drain/',
    '//drain'
  ])('to %s is handed on with its target and bytes', async target => {
    const { posts, port } = await openDrain()
    const head = `POST ${target} HTTP/1.1\r\nhost: x\r\nauthorization: Basic Y2Y6cA==\r\nconnection: close\r\n`
    const answer = await rawExchange(
      port,
      `${head}content-type: text/plain\r\ncontent-length: ${line.length}\r\n\r\n${line}`
    )
    expect(answer).toMatch(/^HTTP\/1\.1 204 /)
    expect(posts).toEqual([{ target, body: Buffer.from(line), listener: 'http' }])
  })

  test.each([
    ['text/plain', line],
    ['application/json', '{not json'],
    ['application/json', ''],
    ['application/json; charset=utf-8', '{"__proto__": {}}'],
    ['application/x-www-form-urlencoded', 'a=b&c'],
    ['multipart/form-data', 'no boundary'],
    ['not a media type', line],
    [';;;', line],
    ['text/plain; charset=nonsense', '\u0000\u00ff'],
    ['x'.repeat(2000), line],
    ['application/grpc', '']
  ])('of content type %o and body %o is taken as bytes', async (type, text) => {
    const { posts, problems, url } = await openDrain()
    const body = Buffer.from(text, 'latin1')
    const response = await fetch(`${url}/drain`, { method: 'POST', headers: { 'content-type': type }, body })
    expect(response.status).toBe(204)
    expect(posts.map(post => post.body)).toEqual([body])
    expect(problems).toEqual(type.startsWith('text/plain') ? [] : ['http content_type'])
  })

  test('without content type and without a body', async () => {
    const { posts, port } = await openDrain()
    const answer = await rawExchange(port, 'POST /drain HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 204 /)
    expect(posts).toEqual([{ target: '/drain', body: Buffer.alloc(0), listener: 'http' }])
  })

  test('in chunks, with an expectation', async () => {
    const { posts, port } = await openDrain()
    const head =
      'POST /drain HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n'
    const answer = await rawExchange(port, `${head}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 204 /)
    expect(posts.map(post => post.body.toString())).toEqual(['abcde'])
  })

  test('needs no token: the drain has credentials of its own', async () => {
    const { url } = await openDrain(204, { token: 'a-long-token' })
    expect((await fetch(`${url}/drain`, { method: 'POST', body: line })).status).toBe(204)
  })
})

describe('what is refused', () => {
  test('a body above the limit, by its length and by its bytes', async () => {
    const { posts, problems, url, port } = await openDrain(204, { bodyLimit: 1000 })
    const response = await fetch(`${url}/drain`, { method: 'POST', body: 'x'.repeat(1001) })
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({
      code: 'BODY_TOO_LARGE',
      message: 'The body is larger than 1000 bytes.'
    })

    const chunk = `400\r\n${'x'.repeat(1024)}\r\n`
    const head = 'POST /drain HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n'
    expect(await rawExchange(port, `${head}${chunk}0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 413 /)
    expect(posts).toEqual([])
    expect((await fetch(`${url}/drain`, { method: 'POST', body: 'x'.repeat(1000) })).status).toBe(204)
    expect(problems).toEqual(['http too_large', 'http too_large'])
  })

  test('wrong credentials', async () => {
    const { url, problems } = await openDrain(204, {}, { authorized: () => false })
    const response = await fetch(`${url}/drain`, { method: 'POST', body: line })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="Culvert drain"')
    expect(await response.json()).toMatchObject({ code: 'UNAUTHORIZED' })
    expect(problems).toEqual(['http unauthorized'])
  })

  test('wrong credentials before the body is read', async () => {
    const { posts, port } = await openDrain(204, {}, { authorized: () => false })
    const head = 'POST /drain HTTP/1.1\r\nhost: x\r\ncontent-length: 3000000\r\nconnection: close\r\n\r\n'
    expect(await rawExchange(port, head)).toMatch(/^HTTP\/1\.1 401 /)
    expect(posts).toEqual([])
  })

  test('what cannot be stored now', async () => {
    const { url } = await openDrain(503)
    const response = await fetch(`${url}/drain`, { method: 'POST', body: line })
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ code: 'NOT_STORED' })
  })

  test.each([
    [new CulvertError('JOURNAL_FULL', 'full'), 'JOURNAL_FULL'],
    [new CulvertError('QUERY_INVALID', 'a mistake of ours'), 'QUERY_INVALID'],
    [new Error('a mistake of ours'), 'NOT_STORED'],
    [Object.assign(new Error('a mistake of ours'), { statusCode: 400 }), 'NOT_STORED']
  ])('%s is 503 and never a 4xx, so that the agent sends it again', async (error, code) => {
    const { url } = await openDrain(204, {}, { handle: () => Promise.reject(error) })
    const response = await fetch(`${url}/drain`, { method: 'POST', body: line })
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ code })
  })

  test('more than all bodies together may hold; what has left makes room', async () => {
    const { url, port, problems } = await openDrain(204, { bodyLimit: 8 * 2 ** 20 })
    const head = `POST /drain HTTP/1.1\r\nhost: x\r\ncontent-length: ${8 * 2 ** 20}\r\n\r\n`
    const slow = Array.from({ length: 8 }, () => connect(port, '127.0.0.1'))
    for (const socket of slow) socket.write(`${head}x`)
    const post = () => fetch(`${url}/drain`, { method: 'POST', body: line }).then(response => response.status)
    await expect.poll(post, { timeout: 10_000 }).toBe(503)
    expect(problems).toContain('http no_room')
    for (const socket of slow) {
      socket.destroy()
      await once(socket, 'close')
    }
    await expect.poll(post).toBe(204)
  })
})

test('a POST that its sender breaks off is counted, and nothing else', async () => {
  const { posts, problems, port } = await openDrain()
  const socket = connect(port, '127.0.0.1')
  socket.write('POST /drain HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf')
  await once(socket, 'connect')
  socket.end()
  await expect.poll(() => problems).toEqual(['http aborted'])
  expect(posts).toEqual([])
})

test('keep-alive is longer than the agent’s own', async () => {
  const { url } = await openDrain()
  const response = await fetch(`${url}/drain`, { method: 'POST', body: line })
  expect(response.headers.get('keep-alive')).toBe('timeout=120')
})

test('POSTs of an open connection are still answered while we stop, then it closes', async () => {
  const arrived = Promise.withResolvers<void>()
  const stored = Promise.withResolvers<number>()
  const handle = () => {
    arrived.resolve()
    return stored.promise
  }
  const { http, url, port } = await openDrain(204, {}, { handle })
  const socket = connect(port, '127.0.0.1')
  const answers = text(socket)
  const post = `POST /drain HTTP/1.1\r\nhost: x\r\ncontent-length: ${line.length}\r\n\r\n${line}`
  socket.write(post)
  await arrived.promise
  const stopped = http.stop()
  socket.write(post, () => stored.resolve(204))
  expect((await answers).match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 204', 'HTTP/1.1 204'])
  await stopped
  await expect(fetch(url)).rejects.toThrow()
})

describe('a POST that waits for lanes', () => {
  const stored = { listener: 'http', ends: [], since: 0 } as const
  const post = (url: string, body: string) => fetch(`${url}/drain`, { method: 'POST', body })

  test('is answered when they have it', async () => {
    const delivered = Promise.withResolvers<void>()
    const { url } = await openDrain(204, {}, { handle: async () => stored, delivered: () => delivered.promise })
    const answer = post(url, line)
    delivered.resolve()
    expect((await answer).status).toBe(204)
  })

  test('is told why it was not delivered', async () => {
    const late = () => Promise.reject(new CulvertError('NOT_DELIVERED', 'late'))
    const { url } = await openDrain(204, {}, { handle: async () => stored, delivered: late })
    const answer = await post(url, line)
    expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'NOT_DELIVERED', message: 'late' }])
  })

  test('is forgotten when its sender goes', async () => {
    const gone = Promise.withResolvers<void>()
    const waiting = Promise.withResolvers<void>()
    const { port } = await openDrain(
      204,
      {},
      {
        handle: async () => stored,
        delivered: (_stored, signal) => {
          signal.addEventListener('abort', () => gone.resolve())
          waiting.resolve()
          return gone.promise
        }
      }
    )
    const socket = connect(port, '127.0.0.1')
    socket.write(`POST /drain HTTP/1.1\r\nhost: x\r\ncontent-length: ${line.length}\r\n\r\n${line}`)
    await waiting.promise
    socket.destroy()
    await gone.promise
  })

  test('holds nothing of its body: more wait than may be in memory', async () => {
    const count = 50
    const bytes = 4 * 2 ** 20
    const delivered = Promise.withResolvers<void>()
    let waiting = 0
    let whole = Promise.withResolvers<void>()
    const { port } = await openDrain(
      204,
      {},
      {
        handle: async () => stored,
        delivered: () => {
          waiting++
          whole.resolve()
          return delivered.promise
        }
      }
    )
    const post = `POST /drain HTTP/1.1\r\nhost: x\r\ncontent-length: ${bytes}\r\nconnection: close\r\n\r\n${'x'.repeat(bytes)}`
    const answers: Promise<string>[] = []
    const held = () => {
      collectGarbage()
      return process.memoryUsage().arrayBuffers
    }
    const before = held()
    while (waiting < count) {
      whole = Promise.withResolvers()
      const socket = connect(port, '127.0.0.1')
      socket.write(post)
      answers.push(text(socket))
      await whole.promise
    }
    await expect.poll(held).toBeLessThan(before + 8 * bytes)
    delivered.resolve()
    for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1\.1 204 /)
  })
})
