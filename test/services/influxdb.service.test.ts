import { InfluxDB } from '@influxdata/influxdb-client'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type InfluxAccess, type InfluxServer, startInfluxdb } from './services.ts'

const MEASUREMENT = 'culvert_test_services'

async function write({ url, org, bucket, token }: InfluxAccess, value: number): Promise<number> {
  const target = `${url}/api/v2/write?${new URLSearchParams({ org, bucket, precision: 's' })}`
  const response = await fetch(target, {
    method: 'POST',
    headers: { authorization: `Token ${token}` },
    body: `${MEASUREMENT} value=${value} 1800000000`
  })
  return response.status
}

async function read({ url, org, bucket, token }: InfluxAccess): Promise<unknown[]> {
  const rows = await new InfluxDB({ url, token }).getQueryApi(org).collectRows<{ _value: number }>(
    `from(bucket: "${bucket}") |> range(start: 2027-01-01T00:00:00Z, stop: 2028-01-01T00:00:00Z)
      |> filter(fn: (r) => r._measurement == "${MEASUREMENT}")`
  )
  return rows.map(row => row._value)
}

test('the shared InfluxDB is a real one: what is written can be queried', async () => {
  const access = inject('influxdb')
  expect(await write(access, 42)).toBe(204)
  expect(await read(access)).toEqual([42])
})

let server: InfluxServer
beforeAll(async () => {
  server = await startInfluxdb()
})
afterAll(() => server?.stop())

test('a wrong token is refused', async () => {
  expect(await write({ ...server, url: server.url, token: 'wrong' }, 1)).toBe(401)
})

test.each([
  'SIGKILL',
  'SIGTERM'
] as const)('after a %s, InfluxDB restarts with the same data and token', async signal => {
  expect(await write(server, 7)).toBe(204)
  await server.kill(signal)
  await expect(fetch(server.url)).rejects.toThrow()
  await server.restart()
  expect(await read(server)).toEqual([7])
})

test('a paused InfluxDB does not answer until it is resumed', async () => {
  await server.pause()
  await expect(fetch(`${server.url}/health`, { signal: AbortSignal.timeout(500) })).rejects.toThrow('timeout')
  server.resume()
  expect((await fetch(`${server.url}/health`)).status).toBe(200)
})

test('an InfluxDB may be stopped twice, and stays down', async () => {
  await server.stop()
  await server.stop()
  expect(server.pid).toBeUndefined()
  await expect(fetch(server.url)).rejects.toThrow()
})
