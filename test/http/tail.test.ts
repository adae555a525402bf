import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import type { LogRow } from '../../src/core/plain.ts'
import type { LogFilter } from '../../src/core/status.ts'
import { tailLimits } from '../../src/http/tail.ts'
import { type Options, openHttp, row } from './open-http.ts'

interface Subscription {
  readonly filter: LogFilter
  readonly push: (rows: readonly LogRow[], dropped?: number) => void
}

async function openTail(options: Options = {}) {
  const subscriptions = new Set<Subscription>()
  const subscribe = (filter: LogFilter, push: Subscription['push']) => {
    const subscription = { filter, push }
    subscriptions.add(subscription)
    return () => void subscriptions.delete(subscription)
  }
  const opened = await openHttp(options, { tail: { subscribe } })
  const only = (): Subscription => {
    expect(subscriptions.size).toBe(1)
    return [...subscriptions][0]!
  }
  return { ...opened, subscriptions, only }
}

/** Reads the stream until it holds `text`, or to its end. */
async function readUntil(response: Response, text?: string): Promise<string> {
  let all = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    all += chunk
    if (text !== undefined && all.includes(text)) break
  }
  return all
}

test('rows as log events, by the filter that was asked for', async () => {
  const { get, only } = await openTail()
  const response = await get('/api/v1/tail?q=time&app=shop&level=warn&source=APP')
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(response.headers.get('cache-control')).toBe('no-cache, no-transform')
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  const { filter, push } = only()
  expect(filter).toEqual({ q: 'time', app: 'shop', level: 'warn', source: 'APP' })
  push([row('one\ntwo'), row('three')])
  const event = (message: string) => `event: log\ndata: ${JSON.stringify(row(message))}\n\n`
  expect(await readUntil(response, 'three"')).toBe(`retry: 2000\n\n${event('one\ntwo')}${event('three')}`)
})

test('a client that leaves is unsubscribed', async () => {
  const { url, subscriptions, http } = await openTail()
  const leaving = new AbortController()
  await fetch(`${url}/api/v1/tail`, { signal: leaving.signal })
  expect(http.tail()).toEqual({ clients: 1, dropped: 0 })
  leaving.abort()
  await expect.poll(() => subscriptions.size).toBe(0)
  expect(http.tail()).toEqual({ clients: 0, dropped: 0 })
})

test('a slow client holds no more than its bound, and is told how many rows it missed', async () => {
  const maxWaiting = 100_000
  const { addresses, only, http, subscriptions } = await openTail({ tailLimits: { ...tailLimits, maxWaiting } })
  const socket = connect(addresses.http.port, '127.0.0.1')
  socket.write('GET /api/v1/tail HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await expect.poll(() => subscriptions.size).toBe(1)
  // Nobody reads: what the kernel's buffers do not take waits for the client.
  const rows = Array.from({ length: 100 }, (_, index) => row(`${index} ${'x'.repeat(10_000)}`))
  await expect
    .poll(() => {
      only().push(rows)
      return http.tail().dropped
    })
    .toBeGreaterThan(0)
  const { dropped } = http.tail()

  let text = ''
  socket.setEncoding('latin1').on('data', chunk => {
    text += String(chunk)
  })
  await expect.poll(() => text).toContain('event: dropped')
  const counts = [...text.matchAll(/event: dropped\ndata: {"count":(\d+)}/g)].map(match => Number(match[1]))
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(dropped)
  only().push([row('and on it goes')])
  await expect.poll(() => text).toContain('and on it goes')
  socket.destroy()
  await once(socket, 'close')
})

test('rows that were left out before are told too', async () => {
  const { get, only, http } = await openTail()
  const response = await get('/api/v1/tail')
  only().push([row('one')], 3)
  only().push([row('two')])
  const kinds = [...(await readUntil(response, 'two"')).matchAll(/event: (.*)\ndata: (.*)\n/g)].map(match => match[1])
  expect(kinds).toEqual(['log', 'dropped', 'log'])
  expect(http.tail()).toEqual({ clients: 1, dropped: 3 })
})

test('a comment now and then keeps the connection', async () => {
  const { get } = await openTail({ tailLimits: { ...tailLimits, heartbeatMs: 5 } })
  expect(await readUntil(await get('/api/v1/tail'), ': still here\n\n')).toContain('retry: 2000\n\n')
})

test('a client that takes nothing for long is cut off', async () => {
  const { addresses, only, subscriptions } = await openTail({ tailLimits: { ...tailLimits, heartbeatMs: 5 } })
  const socket = connect(addresses.http.port, '127.0.0.1')
  socket.write('GET /api/v1/tail HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await expect.poll(() => subscriptions.size).toBe(1)
  const rows = Array.from({ length: 40 }, () => row('x'.repeat(10_000)))
  await expect
    .poll(() => {
      if (subscriptions.size > 0) only().push(rows)
      return subscriptions.size
    })
    .toBe(0)
  socket.destroy()
})

test('no more clients than allowed', async () => {
  const { get } = await openTail({ tailLimits: { ...tailLimits, maxClients: 1 } })
  const first = await get('/api/v1/tail')
  const second = await get('/api/v1/tail')
  expect(second.status).toBe(503)
  expect(await second.json()).toMatchObject({ code: 'TAIL_FULL' })
  await first.body?.cancel()
  await expect.poll(async () => (await get('/api/v1/tail')).status).toBe(200)
})

test('the stream ends when we stop', async () => {
  const { get, http, subscriptions } = await openTail()
  const response = await get('/api/v1/tail')
  await http.stop()
  expect(await readUntil(response)).toBe('retry: 2000\n\n')
  expect(subscriptions.size).toBe(0)
})
