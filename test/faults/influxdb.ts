import { setTimeout as delay } from 'node:timers/promises'
import { startInfluxdb } from '../services/influxdb.ts'
import type { Fault } from './schedule.ts'

const answerMs = 10_000

/** A real InfluxDB, and a token that may read and write its bucket and can be taken away. */
export async function openInfluxdb() {
  const server = await startInfluxdb()

  async function ask(path: string, method = 'GET', body?: object): Promise<string> {
    const headers = { authorization: `Token ${server.token}`, 'content-type': 'application/json' }
    const signal = AbortSignal.timeout(answerMs)
    const answer = await fetch(`${server.url}/api/v2/${path}`, {
      method,
      headers,
      signal,
      ...(body && { body: JSON.stringify(body) })
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer.text()
  }

  const { orgs }: { orgs: { id: string }[] } = JSON.parse(await ask(`orgs?org=${server.org}`))
  const orgID = orgs[0]!.id
  const permissions = ['read', 'write'].map(action => ({ action, resource: { type: 'buckets', orgID } }))
  const { id, token }: { id: string; token: string } = JSON.parse(
    await ask('authorizations', 'POST', { orgID, permissions })
  )
  return {
    server,
    /** Culvert's. */
    token,
    allow: (status: 'active' | 'inactive') => ask(`authorizations/${id}`, 'PATCH', { status })
  }
}
export type OwnInfluxdb = Awaited<ReturnType<typeof openInfluxdb>>

/** The faults of InfluxDB. Each leaves it running and open. */
export function createInfluxdbFaults({ server, allow }: OwnInfluxdb) {
  async function pause({ forMs }: Fault): Promise<void> {
    await server.pause()
    await delay(forMs)
    server.resume()
  }
  return {
    async kill({ forMs }: Fault) {
      await server.kill('SIGKILL')
      await delay(forMs)
      await server.restart()
    },
    stop: () => server.restart(),
    pause,
    pauseBeyondTimeout: pause,
    async lockOut({ forMs }: Fault) {
      await allow('inactive')
      await delay(forMs)
      await allow('active')
    }
  }
}
