import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createGuard } from '../services/guard.ts'
import { freePort } from '../services/port.ts'
import { type Usage, usageOf } from './usage.ts'

const startTimeoutMs = 30_000
const stopTimeoutMs = 60_000

export interface ProductOptions {
  /** The checkout whose `src/cli.ts run` is measured. */
  readonly root: string
  /** Where its data folder is made, and deleted with everything in it. */
  readonly dataDir: string
  readonly elasticsearchUrl: string
  /** Whether to wait until it says that it is ready; else until it listens. */
  readonly waitFor: 'ready' | 'listening'
  /** Certificate and key in PEM: opens the ports over TLS too. */
  readonly tls?: { readonly cert: string; readonly key: string }
}

/** The running product, as a user starts it. */
export interface Product {
  readonly pid: number
  readonly syslogPort: number
  /** Open with `tls`. */
  readonly syslogTlsPort: number
  readonly httpsPort: number
  usage(): Usage
  /** What /api/v1/status says. */
  status(): Promise<unknown>
  /** What /metrics says. */
  metrics(): Promise<string>
  /** Rejects when it ends by itself. */
  readonly ended: Promise<never>
  /** Asks it to end and waits; throws when it does not end with 0. */
  stop(): Promise<void>
  /** Ends it at once, if it is still there, and deletes its data. Safe to call twice. */
  clear(): Promise<void>
  /** The end of what it has printed. */
  output(): string
}

export async function startProduct(options: ProductOptions): Promise<Product> {
  const { root, dataDir, elasticsearchUrl, waitFor, tls } = options
  if (!existsSync(join(root, 'src/cli.ts'))) throw new Error(`There is no src/cli.ts in ${root}.`)
  const folder = await mkdtemp(join(dataDir, 'culvert-bench-'))
  const guard = createGuard(folder)
  const [port, syslogPort] = [await freePort(), await freePort()]
  const [syslogTlsPort, httpsPort] = tls === undefined ? [0, 0] : [await freePort(), await freePort()]
  const log = join(folder, 'output')
  const output = openSync(log, 'a')
  const child = spawn(process.execPath, ['src/cli.ts', 'run'], {
    cwd: root,
    detached: true,
    stdio: ['ignore', output, output],
    env: {
      ...withoutSettings(process.env),
      PORT: String(port),
      CULVERT_SYSLOG_PORT: String(syslogPort),
      CULVERT_DATA_DIR: join(folder, 'data'),
      ELASTICSEARCH_URL: elasticsearchUrl,
      ...(tls !== undefined && {
        CULVERT_TLS_CERT: tls.cert,
        CULVERT_TLS_KEY: tls.key,
        CULVERT_SYSLOG_TLS_PORT: String(syslogTlsPort),
        CULVERT_HTTPS_PORT: String(httpsPort)
      })
    }
  })
  closeSync(output)
  guard.watch(child.pid)
  const gone = once(child, 'exit')
  const tail = () => readFileSync(log, 'utf8').slice(-3000)
  let stopping = false
  const ended = gone.then(([code]) => {
    if (!stopping) throw new Error(`The product ended with ${code}:\n${tail()}`)
    return new Promise<never>(() => {})
  })
  ended.catch(() => {}) // whoever waits for it hears of it

  async function clear(): Promise<void> {
    stopping = true
    await guard.end()
    await gone
  }

  async function started(): Promise<void> {
    for (const until = Date.now() + startTimeoutMs; !(await isUp()); await delay(50)) {
      if (Date.now() > until) throw new Error(`The product was not up within ${startTimeoutMs / 1000} s:\n${tail()}`)
    }
  }

  const isUp = async (): Promise<boolean> =>
    (await listens(syslogPort)) && (waitFor === 'listening' || (await isReady(`http://127.0.0.1:${port}/health/ready`)))

  await Promise.race([started(), ended]).catch(async error => {
    await clear()
    throw error
  })
  return {
    pid: child.pid!,
    syslogPort,
    syslogTlsPort,
    httpsPort,
    usage: () => usageOf(child.pid!),
    status: async () => (await fetch(`http://127.0.0.1:${port}/api/v1/status`)).json(),
    metrics: async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
    ended,
    async stop() {
      stopping = true
      child.kill('SIGTERM')
      const late = AbortSignal.timeout(stopTimeoutMs)
      const [code, signal] = await Promise.race([
        gone,
        once(late, 'abort').then(() => {
          throw new Error(`The product did not stop within ${stopTimeoutMs / 1000} s:\n${tail()}`)
        })
      ])
      if (code !== 0) throw new Error(`The product stopped with ${code ?? signal}:\n${tail()}`)
    },
    clear,
    output: tail
  }
}

/** A user's own settings must not change what is measured. */
const withoutSettings = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^(CULVERT|ELASTICSEARCH|INFLUXDB|KAFKA|VCAP)_|^(PORT|LOG_LEVEL)$/.test(name)
    )
  )

const listens = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

const isReady = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(2000) }).then(
    response => response.ok,
    () => false
  )
