import { type IncomingMessage, request } from 'node:http'
import { json } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { openHttp } from './open-http.ts'

const token = 'a-long-token'
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

const guarded = [
  '/metrics',
  '/api/v1/status',
  '/api/v1/ledger',
  '/api/v1/rates',
  '/api/v1/logs',
  '/api/v1/tail',
  '/api/v1/metrics?name=cpu',
  '/api/v1/metrics/names',
  '/api/v1/containers',
  '/docs',
  '/docs/json',
  '/docs/yaml'
]

describe('with a token', () => {
  test.each(guarded)('%s is refused without it', async path => {
    const { get } = await openHttp({ token })
    const response = await get(path)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toMatch(path.startsWith('/docs') ? /^Basic/ : /^Bearer/)
    expect(await response.json()).toMatchObject({ code: 'UNAUTHORIZED', message: 'The token is missing.' })
  })

  test.each([
    'Bearer a-long-tokem',
    'Bearer',
    'Bearer a-long-token2',
    'Digest a-long-token',
    basic('', 'a-long'),
    basic(token, '')
  ])('%o does not open', async authorization => {
    const { get } = await openHttp({ token })
    expect((await get('/api/v1/status', { authorization })).status).toBe(401)
  })

  test.each([
    `Bearer ${token}`,
    `bearer ${token}`,
    basic('anybody', token),
    basic('', token)
  ])('%o opens', async authorization => {
    const { get } = await openHttp({ token })
    for (const path of ['/api/v1/status', '/metrics', '/docs/json']) {
      expect((await get(path, { authorization })).status, path).toBe(200)
    }
  })

  test.each(['/', '/health/live', '/health/ready'])('%s is open', async path => {
    const { get } = await openHttp({ token })
    expect((await get(path)).status).toBe(200)
  })
})

describe('without a token', () => {
  const statusFor = async (port: number, host: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    request({ port, host: '127.0.0.1', path: '/api/v1/status', headers: { host }, agent: false }, resolve)
      .on('error', reject)
      .end()
    const response = await promise
    return { status: response.statusCode, body: await json(response) }
  }

  test.each([
    '127.0.0.1:8080',
    'localhost',
    'LOCALHOST:1',
    '[::1]:8080',
    '10.0.0.1',
    'culvert.localhost:8080'
  ])('called as %s', async host => {
    const { addresses } = await openHttp()
    expect(await statusFor(addresses.http.port, host)).toMatchObject({ status: 200 })
  })

  test.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example:8080'
  ])('but not as %o: a page of another site could have its name pointed at us', async host => {
    const { addresses } = await openHttp()
    expect(await statusFor(addresses.http.port, host)).toMatchObject({ status: 403, body: { code: 'HOST_REFUSED' } })
  })
})
