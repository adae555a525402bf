import { createServer, type IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { SecureContextOptions } from 'node:tls'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { makeCertificates } from '../config/certificates.ts'
import { openHttp } from './open-http.ts'
import { rawExchange } from './raw-post.ts'

const certificates = makeCertificates()
afterAll(() => certificates.remove())
const { ca, server, client } = certificates

/** One request over TLS, on a connection of its own. */
async function secureRequest(port: number, path: string, options: SecureContextOptions & { method?: string } = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  request({ host: '127.0.0.1', port, path, ca, agent: false, ...options }, resolve)
    .on('error', reject)
    .end(options.method && 'a line\n')
  const response = await promise
  return { status: response.statusCode, body: (await buffer(response)).toString() }
}

async function listenSomewhere() {
  const other = createServer()
  const listening = Promise.withResolvers<void>()
  other.listen(0, '127.0.0.1', listening.resolve)
  await listening.promise
  return { other, port: (other.address() as AddressInfo).port }
}

/** A loopback port that somebody listens on until the test is over. */
async function takenPort(): Promise<number> {
  const { other, port } = await listenSomewhere()
  onTestFinished(() => void other.close())
  return port
}

/** A loopback port that nobody listens on. */
async function freePort(): Promise<number> {
  const { other, port } = await listenSomewhere()
  const closed = Promise.withResolvers<unknown>()
  other.close(closed.resolve)
  await closed.promise
  return port
}

describe('HTTPS', () => {
  test('is the same app as HTTP', async () => {
    const { addresses, get } = await openHttp({ https: { port: 0, tls: server } })
    const { port } = addresses.https!
    expect(port).not.toBe(addresses.http.port)
    expect(await secureRequest(port, '/health/live')).toEqual({ status: 200, body: '{"state":"live"}' })
    expect(await secureRequest(port, '/drain?drain-data=all', { method: 'POST' })).toEqual({ status: 204, body: '' })
    expect((await get('/health/live')).status).toBe(200)
  })

  test('with a client CA, only clients with its certificate', async () => {
    const { addresses, http } = await openHttp({ https: { port: 0, tls: { ...server, clientCa: ca } } })
    const { port } = addresses.https!
    expect((await secureRequest(port, '/drain', { method: 'POST', ...client })).status).toBe(204)
    await expect(secureRequest(port, '/health/live')).rejects.toThrow()
    await expect.poll(async () => (await http.listeners())[1]!.problems).toEqual({ tls_handshake: 1 })
  })

  test('TLS 1.2 is spoken, older versions are not', async () => {
    const { addresses } = await openHttp({ https: { port: 0, tls: server } })
    const { port } = addresses.https!
    expect((await secureRequest(port, '/health/live', { maxVersion: 'TLSv1.2' })).status).toBe(200)
    await expect(secureRequest(port, '/health/live', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })).rejects.toThrow()
  })

  test('stop closes it too', async () => {
    const { addresses, http } = await openHttp({ https: { port: 0, tls: server } })
    await http.stop()
    await http.stop()
    await expect(secureRequest(addresses.https!.port, '/health/live')).rejects.toThrow('ECONNREFUSED')
  })
})

describe('what cannot be listened on', () => {
  test('a port that is taken, by its number and its setting', async () => {
    const port = await takenPort()
    await expect(openHttp({ port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: `PORT: port ${port} of 127.0.0.1 is taken by another process.`
    })
  })

  test('the port of HTTPS; then HTTP does not listen either', async () => {
    const port = await takenPort()
    const free = await freePort()
    await expect(openHttp({ port: free, https: { port, tls: server } })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringContaining(`CULVERT_HTTPS_PORT: port ${port}`)
    })
    await expect(fetch(`http://127.0.0.1:${free}`)).rejects.toThrow()
  })

  test('an address that is not ours', async () => {
    await expect(openHttp({ host: '192.0.2.1' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('CULVERT_HOST: cannot listen on 192.0.2.1')
    })
  })
})

describe('what is no HTTP', () => {
  test('is answered in our form, and counted', async () => {
    const { addresses, http } = await openHttp()
    const answer = await rawExchange(addresses.http.port, '<14>1 2026-11-24T07:00:00+00:00 a b c - - syslog\n')
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*"code":"REQUEST_INVALID"/)
    expect((await http.listeners())[0]!.problems).toEqual({ bad_request: 1 })
  })

  test('headers without end', async () => {
    const { addresses } = await openHttp()
    const answer = await rawExchange(addresses.http.port, `GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 431 /)
  })

  test('a path with broken percent-encoding', async () => {
    const { addresses } = await openHttp()
    const answer = await rawExchange(
      addresses.http.port,
      'GET /%E0%A4%A HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'
    )
    expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*"code":"REQUEST_INVALID"/)
  })
})

test('connections of each port are counted', async () => {
  const { addresses, http } = await openHttp({ https: { port: 0, tls: server } })
  const connections = async () => (await http.listeners()).map(({ connections }) => connections)
  const sockets = [addresses.http, addresses.https!].map(({ port }) => connect(port, '127.0.0.1'))
  await expect.poll(connections).toEqual([1, 1])
  for (const socket of sockets) socket.destroy()
  await expect.poll(connections).toEqual([0, 0])
})
