import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Status } from '../src/core/status.ts'

/** The running product: a real process with a data directory of its own, on free ports. */
export interface Product {
  readonly dataDir: string
  readonly http: string
  readonly https: number | undefined
  readonly syslog: number
  readonly syslogTls: number | undefined
  status(): Promise<Status>
  /** Resolves when the status fits. */
  until(condition: (status: Status) => boolean, what: string): Promise<Status>
  /** Ends the process and waits for it; the data stays. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
}

const waitMs = 60_000

export function temporaryDirectory(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'culvert-product-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export async function startProduct(dataDir: string, env: Readonly<Record<string, string>> = {}): Promise<Product> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'src', 'cli.ts'), 'run'], {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      CULVERT_SYSLOG_PORT: '0',
      CULVERT_SYSLOG_TLS_PORT: '0',
      CULVERT_HTTPS_PORT: '0',
      CULVERT_DATA_DIR: dataDir,
      ...withoutTlsPorts(env)
    },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const started = await startedLine(child)
  const ports = started.drains.map(url => ({
    scheme: url.split(':', 1)[0],
    port: Number(new URL(url.replace(/^[a-z-]+:/, 'http:')).port)
  }))
  const port = (scheme: string) => ports.find(other => other.scheme === scheme)?.port
  // The console's address is HTTPS where there is a certificate: the plain port stands in the status.
  const http = started.console.startsWith('https') ? '' : started.console.replace('localhost', '127.0.0.1')

  const status = async (): Promise<Status> => JSON.parse(await (await fetch(`${http}/api/v1/status`)).text())
  return {
    dataDir,
    http,
    https: port('https'),
    syslog: port('syslog') ?? 0,
    syslogTls: port('syslog-tls'),
    status,
    async until(condition, what) {
      const deadline = Date.now() + waitMs
      for (;;) {
        const now = await status()
        if (condition(now)) return now
        if (Date.now() > deadline) throw new Error(`${what} did not come: ${JSON.stringify(now.lanes)}`)
        await new Promise(resolve => setTimeout(resolve, 50))
      }
    },
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
      child.kill(signal)
      const [code] = await once(child, 'exit')
      return typeof code === 'number' ? code : null
    }
  }
}

/** Without a certificate the TLS ports are no settings. */
function withoutTlsPorts(env: Readonly<Record<string, string>>): Record<string, string> {
  return 'CULVERT_TLS_CERT' in env ? { ...env } : { CULVERT_SYSLOG_TLS_PORT: '', CULVERT_HTTPS_PORT: '', ...env }
}

async function startedLine(child: ChildProcess): Promise<{ drains: string[]; console: string }> {
  let output = ''
  const found = Promise.withResolvers<{ drains: string[]; console: string }>()
  const take = (chunk: Buffer): void => {
    output += chunk.toString()
    for (const line of output.split('\n'))
      if (line.includes('"drains"') && line.endsWith('}')) found.resolve(JSON.parse(line))
  }
  child.stdout?.on('data', take)
  child.stderr?.on('data', take)
  child.once('exit', code => found.reject(new Error(`the product ended with ${code}: ${output.slice(-2000)}`)))
  return await found.promise
}
