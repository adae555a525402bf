import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { installInfluxdb } from './influxdb-install.ts'
import { type Server, startServer } from './server.ts'

/** Where to write and with what right. */
export interface InfluxAccess {
  url: string
  org: string
  bucket: string
  token: string
}

export type InfluxServer = Server & InfluxAccess

/** Starts a real InfluxDB 2 with an organisation, a bucket that keeps everything, and an operator's token: about 2 seconds once it is built. */
export async function startInfluxdb(): Promise<InfluxServer> {
  const command = await installInfluxdb()
  const server = await startServer({
    name: 'influxdb',
    health: '/health',
    command: (port, folder) => ({
      command,
      args: [
        ...['--http-bind-address', `127.0.0.1:${port}`],
        ...['--bolt-path', join(folder, 'influxd.bolt')],
        ...['--sqlite-path', join(folder, 'influxd.sqlite')],
        ...['--engine-path', join(folder, 'engine')],
        ...['--log-level', 'warn'],
        '--reporting-disabled'
      ],
      env: { ...process.env, HOME: folder }
    })
  })
  const access = { org: 'cf', bucket: 'metrics', token: randomUUID() }
  try {
    await setUp(server.url, access)
  } catch (error) {
    await server.stop()
    throw error
  }
  return Object.assign(server, access) // not a copy: `pid` is a getter
}

async function setUp(url: string, access: Omit<InfluxAccess, 'url'>): Promise<void> {
  const response = await fetch(`${url}/api/v2/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...access, username: 'admin', password: randomUUID(), retentionPeriodSeconds: 0 })
  })
  if (!response.ok) throw new Error(`InfluxDB refused to be set up: ${response.status} ${await response.text()}`)
}
