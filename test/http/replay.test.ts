import { expect, test } from 'vitest'
import { CulvertError } from '../../src/core/errors.ts'
import { noFrames } from '../../src/core/replay.ts'
import type { Replay } from '../../src/http/contract.ts'
import { openHttp } from './open-http.ts'

const range = { replaces: true, partitions: [{ partition: 0, position: 64, end: 512, waiting: 0, begins: 5 }] }

async function openApi(parts: Partial<Replay> = {}, token?: string) {
  const asked: unknown[] = []
  const replay: Replay = {
    range: async query => {
      asked.push(query)
      return range
    },
    step: async query => {
      asked.push(query)
      return { ...noFrames, position: 512, receivedAt: 7, gone: 0, reasons: [] }
    },
    ...parts
  }
  const { url } = await openHttp(token === undefined ? {} : { token }, { replay })
  const ask = async (query: string, init: RequestInit = {}) => {
    const response = await fetch(`${url}/api/v1/replay${query}`, init)
    return { status: response.status, body: JSON.parse(await response.text()) }
  }
  const post = (body: string, type = 'application/json') =>
    ask('', { method: 'POST', body, headers: { 'content-type': type } })
  return { asked, ask, post }
}

test('a range by its times', async () => {
  const { ask, asked } = await openApi()
  const query = '?sink=influxdb&from=2026-11-24T07:00:00Z&to=1795500000000'
  expect(await ask(query)).toEqual({ status: 200, body: range })
  expect(asked).toEqual([{ sink: 'influxdb', from: Date.UTC(2026, 10, 24, 7), to: 1_795_500_000_000 }])
})

test.each(['', '?sink=x&from=then', '?sink=x&nothing=1'])('%s is refused', async query => {
  const { ask, asked } = await openApi()
  expect(await ask(query)).toMatchObject({ status: 400, body: { code: 'QUERY_INVALID' } })
  expect(asked).toEqual([])
})

test('a step, and what it means where it does not say', async () => {
  const { post, asked } = await openApi()
  const where = { sink: 'influxdb', partition: 0, position: 64, end: 512 }
  const { status, body } = await post(JSON.stringify(where))
  expect([status, body]).toEqual([200, { ...noFrames, position: 512, receivedAt: 7, gone: 0, reasons: [] }])
  await post(JSON.stringify({ ...where, limit: 10, mode: 'replace' }))
  expect(asked).toEqual([
    { ...where, limit: 1000, mode: 'missing' },
    { ...where, limit: 10, mode: 'replace' }
  ])
})

const whole = '"sink":"x","partition":0,"position":0,"end":1'
test.each([
  ['text', `{${whole}}`, 'text/plain'],
  ['a form', 'sink=x', 'application/x-www-form-urlencoded'],
  ['no JSON', '{', 'application/json'],
  ['null', 'null', 'application/json'],
  ['an unknown key', `{${whole},"force":true}`, 'application/json'],
  ['an unknown mode', `{${whole},"mode":"all"}`, 'application/json'],
  ['no position', '{"sink":"x","partition":0,"end":1}', 'application/json'],
  ['a limit of 0', `{${whole},"limit":0}`, 'application/json']
])('a step of %s is refused', async (_, body, type) => {
  const { post, asked } = await openApi()
  expect((await post(body, type)).status).toBe(400)
  expect(asked).toEqual([])
})

test('a store that does not take it is told as it is', async () => {
  const step = async () => {
    throw new CulvertError('SINK_UNAVAILABLE', 'The store did not take what is replayed: 503', { retryable: true })
  }
  const { post } = await openApi({ step })
  expect(await post(`{${whole}}`)).toMatchObject({ status: 503, body: { code: 'SINK_UNAVAILABLE' } })
})

test('both want the token', async () => {
  const { ask, post } = await openApi({}, 'secret')
  expect([(await ask('?sink=x')).status, (await post(`{${whole}}`)).status]).toEqual([401, 401])
})
