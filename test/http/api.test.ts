import { describe, expect, test } from 'vitest'
import { CulvertError } from '../../src/core/errors.ts'
import type { Queries } from '../../src/http/contract.ts'
import { exampleStatus } from '../telemetry/status.ts'
import { exampleLedger, exampleRates, openHttp, row } from './open-http.ts'

const { source } = row('')
const series = { name: 'cpu', kind: 'gauge', unit: 'percentage', source, points: [[1000, 0.5] as const] }
const container = { source, at: 1000, cpu: 0.5, memory: 10, memoryQuota: 20, disk: 30, diskQuota: 40 }

/** Queries that answer examples and keep what they were asked. */
function exampleQueries() {
  const asked: unknown[] = []
  const queries: Queries = {
    logs: async query => {
      asked.push(query)
      return { logs: [row('one'), row('two')], next: 'older' }
    },
    metrics: async query => {
      asked.push(query)
      return { series: [series] }
    },
    metricNames: async range => {
      asked.push(range)
      return { names: [{ name: 'cpu', kind: 'gauge', unit: 'percentage', apps: ['shop'] }] }
    },
    latestContainers: async () => ({ containers: [container] })
  }
  return { asked, queries }
}

async function openApi(parts: Partial<Queries> = {}) {
  const { asked, queries } = exampleQueries()
  const opened = await openHttp({}, { queries: { ...queries, ...parts } })
  const json = async (path: string) => {
    const response = await opened.get(path)
    return { status: response.status, body: await response.json() }
  }
  return { ...opened, asked, json }
}

describe('searches', () => {
  test('logs by every parameter', async () => {
    const { json, asked } = await openApi()
    const path =
      '/api/v1/logs?q=timed%20out&app=shop&level=warn&source=APP&from=2026-11-24T07:00:00.5Z&to=1795500000000&cursor=c&limit=2'
    expect(await json(path)).toEqual({ status: 200, body: { logs: [row('one'), row('two')], next: 'older' } })
    expect(asked).toEqual([
      {
        q: 'timed out',
        app: 'shop',
        level: 'warn',
        source: 'APP',
        from: Date.UTC(2026, 10, 24, 7) + 500,
        to: 1_795_500_000_000,
        cursor: 'c',
        limit: 2
      }
    ])
  })

  test('logs by no parameter: a hundred of all', async () => {
    const { json, asked } = await openApi()
    expect((await json('/api/v1/logs')).status).toBe(200)
    expect((await json('/api/v1/logs?q=&from=')).status).toBe(200)
    expect(asked).toEqual([{ limit: 100 }, { limit: 100 }])
  })

  test('the last page has no next, and an empty one is a list all the same', async () => {
    const { json } = await openApi({ logs: async () => ({ logs: [] }) })
    expect(await json('/api/v1/logs')).toEqual({ status: 200, body: { logs: [] } })
  })

  test('a page of many megabytes arrives whole', async () => {
    const logs = Array.from({ length: 200 }, (_, index) => row(`${index} ${'ü"'.repeat(15_000)}`))
    const { json } = await openApi({ logs: async () => ({ logs, next: 'n' }) })
    expect(await json('/api/v1/logs')).toEqual({ status: 200, body: { logs, next: 'n' } })
  })

  test('metrics, with a range and a step where none is asked for', async () => {
    const { json, asked } = await openApi()
    const to = 1_795_500_000_000
    expect(await json(`/api/v1/metrics?name=cpu&app=shop&from=${to - 1000}&to=${to}&stepMs=1000`)).toEqual({
      status: 200,
      body: { series: [series] }
    })
    await json(`/api/v1/metrics?name=cpu&to=${to}`)
    expect(asked).toEqual([
      { name: 'cpu', app: 'shop', from: to - 1000, to, stepMs: 1000 },
      { name: 'cpu', from: to - 3_600_000, to, stepMs: 12_000 }
    ])
  })

  test('names of metrics', async () => {
    const { json, asked } = await openApi()
    expect(await json('/api/v1/metrics/names?from=1000')).toEqual({
      status: 200,
      body: { names: [{ name: 'cpu', kind: 'gauge', unit: 'percentage', apps: ['shop'] }] }
    })
    expect(asked).toEqual([{ from: 1000 }])
  })

  test('containers', async () => {
    const { json } = await openApi()
    expect(await json('/api/v1/containers')).toEqual({ status: 200, body: { containers: [container] } })
  })

  test.each([
    '0',
    '501',
    '1.5',
    'ten',
    'Infinity'
  ])('a limit of %s is refused with the numbers it may be', async limit => {
    const { json } = await openApi()
    expect(await json(`/api/v1/logs?limit=${limit}`)).toMatchObject({
      status: 400,
      body: { code: 'QUERY_INVALID', message: 'limit: may be a whole number from 1 to 500; `cursor` gets more' }
    })
  })

  test('the largest limit is taken', async () => {
    const { json, asked } = await openApi()
    expect((await json('/api/v1/logs?limit=500')).status).toBe(200)
    expect(asked).toEqual([{ limit: 500 }])
  })

  test.each([
    ['/api/v1/logs?level=loud', 'level'],
    ['/api/v1/logs?from=yesterday', 'from'],
    ['/api/v1/logs?to=2026-13-45', 'to'],
    [`/api/v1/logs?q=${'x'.repeat(1001)}`, 'q'],
    [`/api/v1/tail?q=${'x+'.repeat(51)}`, 'q'],
    ['/api/v1/logs?app=a&app=b', 'app'],
    ['/api/v1/logs?nonsense=1', 'nonsense'],
    ['/api/v1/tail?levle=warn', 'levle'],
    ['/api/v1/tail?level=loud', 'level'],
    ['/api/v1/metrics', 'name'],
    ['/api/v1/metrics?name=cpu&from=2000&to=1000', 'from'],
    ['/api/v1/metrics?name=cpu&from=0&to=9999999&stepMs=1000', 'stepMs'],
    ['/api/v1/metrics?name=cpu&stepMs=0', 'stepMs'],
    ['/api/v1/metrics/names?from=x', 'from']
  ])('%s is refused by the name of %s', async (path, name) => {
    const { json, asked } = await openApi()
    expect(await json(path)).toEqual({
      status: 400,
      body: {
        code: 'QUERY_INVALID',
        message: expect.stringContaining(`${name}: `),
        advice: 'Correct the named parameter.'
      }
    })
    expect(asked).toEqual([])
  })

  test.each([
    [new CulvertError('QUERY_DEADLINE', 'too long'), 504, 'QUERY_DEADLINE'],
    [new CulvertError('QUERY_INVALID', 'cursor: is of another search'), 400, 'QUERY_INVALID'],
    [new Error('secret details'), 500, 'INTERNAL']
  ])('a search that fails with %s', async (error, status, code) => {
    const { json } = await openApi({ logs: () => Promise.reject(error) })
    const answer = await json('/api/v1/logs')
    expect(answer).toMatchObject({ status, body: { code } })
    expect(JSON.stringify(answer)).not.toContain('secret details')
  })

  test.each(['logs', 'metrics?name=cpu', 'metrics/names', 'containers'])('%s without a local store', async path => {
    const response = await (await openHttp()).get(`/api/v1/${path}`)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({
      code: 'SEARCH_ELSEWHERE',
      message: expect.any(String),
      where: 'Kibana, data stream logs-cloudfoundry.app-default'
    })
  })
})

describe('state', () => {
  test('status and rates as they are', async () => {
    const { json } = await openApi()
    expect(await json('/api/v1/status')).toEqual({ status: 200, body: exampleStatus })
    expect(await json('/api/v1/ledger')).toEqual({ status: 200, body: exampleLedger })
    expect(await json('/api/v1/rates')).toEqual({ status: 200, body: exampleRates })
  })

  test('live and ready', async () => {
    const { json } = await openApi()
    expect(await json('/health/live')).toEqual({ status: 200, body: { state: 'live' } })
    expect(await json('/health/ready')).toEqual({ status: 200, body: { ready: true, reasons: [] } })
  })

  test('not ready, with the reasons and without logins in them', async () => {
    const reasons = ['Lane elasticsearch: https://user:p:w@es:9200/ answered 503.', 'The journal is full.']
    const { get } = await openHttp({}, { status: () => ({ ...exampleStatus, ready: false, reasons }) })
    const response = await get('/health/ready')
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({
      ready: false,
      reasons: ['Lane elasticsearch: https://***@es:9200/ answered 503.', 'The journal is full.']
    })
  })

  test('metrics in Prometheus’ format', async () => {
    const response = await (await openHttp()).get('/metrics')
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4')
    expect(await response.text()).toBe('culvert_ready 1\n')
  })
})

test('answers of the API are not cached', async () => {
  expect((await (await openHttp()).get('/api/v1/status')).headers.get('cache-control')).toBe('no-store')
})
