import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Status } from '../../src/core/status.ts'
import { freePort } from '../services/port.ts'
import { type Server, startServer } from '../services/server.ts'

/**
 * The running product: a real process, on free ports that it keeps when it is restarted. `kill`, `restart`, `pause` and `stop` are those of any
 * server; `stop` leaves a data directory that the caller gave.
 */
export interface Product extends Server {
  readonly dataDir: string
  /** Plain HTTP, which is there with a certificate too. */
  readonly http: string
  /** Ports; those over TLS are open with a certificate. */
  readonly https: number | undefined
  readonly syslog: number
  readonly syslogTls: number | undefined
  status(): Promise<Status>
  /** Resolves when the status fits. */
  until(condition: (status: Status) => boolean, what: string): Promise<Status>
  /** Ends the process for good and waits for it; a data directory that the caller gave stays. Resolves with the exit code. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
}

const waitMs = 60_000
const pollMs = 50
const cli = join(import.meta.dirname, '../..', 'src', 'cli.ts')

export function temporaryDirectory(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'culvert-product-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/**
 * Starts `culvert run` and waits until all its listeners are open. Without `dataDir` the data lie in a directory that goes with `stop` or `end`.
 * `env` is all that is configured besides ports and the data directory.
 */
export async function startProduct(
  dataDir?: string,
  env: Readonly<Record<string, string | undefined>> = {}
): Promise<Product> {
  const secure = env['CULVERT_TLS_CERT'] !== undefined
  const ports = {
    syslog: await freePort(),
    syslogTls: secure ? await freePort() : undefined,
    https: secure ? await freePort() : undefined
  }
  let directory = ''
  const server = await startServer({
    name: 'product',
    command: (port, folder) => {
      directory = dataDir ?? join(folder, 'data')
      return {
        command: process.execPath,
        args: [cli, 'run'],
        env: {
          PATH: process.env.PATH,
          PORT: `${port}`,
          CULVERT_SYSLOG_PORT: `${ports.syslog}`,
          // Without a certificate these two are no settings.
          ...(secure && { CULVERT_SYSLOG_TLS_PORT: `${ports.syslogTls}`, CULVERT_HTTPS_PORT: `${ports.https}` }),
          CULVERT_DATA_DIR: directory,
          ...env
        }
      }
    },
    health: { prints: '"Culvert is running."' }
  })
  const status = async (): Promise<Status> => JSON.parse(await (await fetch(`${server.url}/api/v1/status`)).text())

  // Not a copy: `pid` is a getter.
  return Object.assign(server, {
    ...ports,
    dataDir: directory,
    http: server.url,
    status,
    async until(condition: (status: Status) => boolean, what: string): Promise<Status> {
      const deadline = Date.now() + waitMs
      for (;;) {
        const now = await status()
        if (condition(now)) return now
        if (Date.now() > deadline) throw new Error(`${what} did not come: ${JSON.stringify(now.lanes)}`)
        await new Promise(resolve => setTimeout(resolve, pollMs))
      }
    },
    async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
      const code = await server.kill(signal)
      await server.stop()
      return code
    }
  })
}
