import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import type { LedgerReport } from '../../src/core/ledger-report.ts'
import type { LogRow } from '../../src/core/plain.ts'
import { noFrames } from '../../src/core/replay.ts'
import type { Rates } from '../../src/core/status.ts'
import type { HttpConfig, HttpDependencies } from '../../src/http/contract.ts'
import { createHttp } from '../../src/http/http.ts'
import type { TailLimits } from '../../src/http/tail.ts'
import { ledgerReport } from '../../src/ledger-report.ts'
import { exampleStatus } from '../telemetry/status.ts'

export interface Options {
  readonly token?: string
  readonly bodyLimit?: number
  readonly https?: HttpConfig['https']
  readonly host?: string
  readonly port?: number
  readonly tailLimits?: TailLimits
}

export const exampleRates: Rates = {
  from: 1_795_500_000_000,
  stepMs: 1000,
  levels: { info: [3, 4], error: [0, 1] },
  statuses: { '2xx': [1, 1] },
  metrics: [5, 5]
}

export const exampleLedger: LedgerReport = ledgerReport(
  exampleStatus,
  {
    since: 1_795_400_000_000,
    messages: 10_000,
    rateLimits: 0,
    counterGaps: 0,
    entries: [
      {
        kind: 'drain',
        rest: false,
        appId: 'guid',
        app: 'shop',
        space: 'prod',
        org: 'acme',
        drain: 'syslog-tls://drain.example.com:6514',
        lost: 10_000,
        reports: 1,
        first: 1_795_499_000_000,
        last: 1_795_499_000_000
      }
    ],
    forgotten: 0
  },
  1_795_500_002_000
)

export const row = (message: string): LogRow => ({
  id: 'AZ2bLuYpAAECAwQAAAAAAAAAAQAAAEAA',
  time: '2026-11-24T07:00:00.000001000Z',
  receivedAt: 1_795_500_000_000,
  kind: 'log',
  level: 'info',
  message,
  source: { org: 'acme', space: 'prod', app: 'shop', appId: 'guid', type: 'APP', instance: '0', process: 'web' }
})

export const noDeadLetters: HttpDependencies['deadLetters'] = {
  list: async () => ({ letters: [], skipped: 0 }),
  letter: async () => undefined,
  reasons: async () => ({ reasons: [], letters: 0, complete: true, skipped: 0 }),
  replay: async () => ({ lanes: [], reasons: [], skipped: 0 })
}

export const noReplay: HttpDependencies['replay'] = {
  range: async () => ({ replaces: true, partitions: [] }),
  step: async ({ position }) => ({ ...noFrames, position, gone: 0, reasons: [] })
}

const nothing: HttpDependencies['tail'] = { subscribe: () => () => {} }

/** The HTTP side on a free loopback port, stopped with the test; what is not given answers with examples. */
export async function openHttp(options: Options = {}, parts: Partial<HttpDependencies> = {}) {
  const { token, bodyLimit = 4 * 2 ** 20, https, host = '127.0.0.1', port = 0, tailLimits } = options
  const http = await createHttp(
    {
      config: {
        host,
        memoryBytes: 96 * 2 ** 20,
        http: { port, bodyLimit, ...(token === undefined ? {} : { token }) },
        ...(https === undefined ? {} : { https })
      },
      drain: { handle: async () => 204, delivered: async () => {}, authorized: () => true, problem: () => {} },
      status: () => exampleStatus,
      ledger: () => exampleLedger,
      rates: () => exampleRates,
      tail: nothing,
      deadLetters: noDeadLetters,
      restartLane: async () => {},
      replay: noReplay,
      metrics: { contentType: 'text/plain; version=0.0.4', text: async () => 'culvert_ready 1\n' },
      log: pino({ level: 'silent' }),
      version: '0.1.0',
      consoleDir: '/nowhere',
      ...parts
    },
    tailLimits === undefined ? {} : { tail: tailLimits }
  )
  onTestFinished(() => http.stop())
  const addresses = await http.listen()
  const url = `http://127.0.0.1:${addresses.http.port}`
  return {
    http,
    addresses,
    url,
    get: (path: string, headers: Record<string, string> = {}) => fetch(`${url}${path}`, { headers })
  }
}
