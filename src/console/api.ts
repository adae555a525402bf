import type { DeadLetterFilter, DeadLetterPage, DeadLetterReasons, DeadLetterWhole } from '../core/dead-letter.ts'
import type { LedgerReport } from '../core/ledger-report.ts'
import type { Container, LogPage, MetricName, MetricSeries } from '../core/search.ts'
import type { LogFilter, Rates, Status } from '../core/status.ts'
import type { TimeRange } from './search/time-range.ts'

export interface MetricQuery extends TimeRange {
  readonly name: string
  readonly app?: string
  readonly stepMs?: number
}

/** An answer that is no success: the code is for us, message and advice are for people. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly advice: string | undefined

  constructor(status: number, body: { code?: string; message?: string; advice?: string }) {
    super(body.message ?? `The server answered ${status}.`)
    this.name = 'ApiError'
    this.status = status
    this.code = body.code ?? String(status)
    this.advice = body.advice
  }
}

export const isElsewhere = (error: unknown): error is ApiError =>
  error instanceof ApiError && error.code === 'SEARCH_ELSEWHERE'

/** Where the login's token is kept: as long as the tab. */
export interface TokenStore {
  get(): string
  set(token: string): void
}

/** The server's API. All calls reject with ApiError for an answer that is no success, and with TypeError without an answer. */
export interface Api {
  status(signal?: AbortSignal): Promise<Status>
  ledger(signal?: AbortSignal): Promise<LedgerReport>
  rates(signal?: AbortSignal): Promise<Rates>
  logs(filter: LogFilter, range: TimeRange, limit: number, cursor?: string, signal?: AbortSignal): Promise<LogPage>
  metricNames(range: TimeRange, signal?: AbortSignal): Promise<{ names: readonly MetricName[] }>
  metrics(query: MetricQuery, signal?: AbortSignal): Promise<{ series: readonly MetricSeries[] }>
  containers(signal?: AbortSignal): Promise<{ containers: readonly Container[] }>
  deadLetters(filter: DeadLetterFilter, limit: number, cursor?: string, signal?: AbortSignal): Promise<DeadLetterPage>
  deadLetterReasons(filter: DeadLetterFilter, signal?: AbortSignal): Promise<DeadLetterReasons>
  deadLetter(id: string, lane: string, signal?: AbortSignal): Promise<DeadLetterWhole>
  /** Resolves when the lane has stopped at a commit and started anew: some seconds, where its store hangs. */
  restartLane(name: string): Promise<void>
  /** The stream of server-sent events: `log` with a LogRow, `dropped` with {count}. */
  tail(filter: LogFilter, signal: AbortSignal): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>
}

type Parameters = Readonly<Record<string, string | number | undefined>>

/** `onUnauthorized` is called for every 401, before the call rejects. `base` ends in a slash. */
export function createApi(base: string, token: TokenStore, onUnauthorized: () => void): Api {
  async function call(path: string, parameters: Parameters, signal?: AbortSignal, init: RequestInit = {}) {
    const query = new URLSearchParams()
    for (const [key, value] of Object.entries(parameters)) if (value !== undefined) query.set(key, String(value))
    const headers = new Headers(init.headers)
    const secret = token.get()
    if (secret !== '') headers.set('authorization', `Bearer ${secret}`)
    const text = query.toString()
    const response = await fetch(`${base}api/v1/${path}${text === '' ? '' : `?${text}`}`, {
      ...init,
      headers,
      ...(signal && { signal })
    })
    if (response.ok) return response
    if (response.status === 401) onUnauthorized()
    throw new ApiError(response.status, await bodyOf(response).catch(() => ({})))
  }

  const json = async (path: string, parameters: Parameters, signal?: AbortSignal) =>
    bodyOf(await call(path, parameters, signal))

  return {
    status: signal => json('status', {}, signal),
    ledger: signal => json('ledger', {}, signal),
    rates: signal => json('rates', {}, signal),
    logs: (filter, range, limit, cursor, signal) => json('logs', { ...filter, ...range, limit, cursor }, signal),
    metricNames: (range, signal) => json('metrics/names', { ...range }, signal),
    metrics: (query, signal) => json('metrics', { ...query }, signal),
    containers: signal => json('containers', {}, signal),
    deadLetters: (filter, limit, cursor, signal) => json('dead-letters', { ...filter, limit, cursor }, signal),
    deadLetterReasons: (filter, signal) => json('dead-letters/reasons', { ...filter }, signal),
    deadLetter: (id, lane, signal) => json(`dead-letters/${encodeURIComponent(id)}`, { lane }, signal),
    async restartLane(name) {
      const headers = { 'content-type': 'application/json' }
      await call(`lanes/${encodeURIComponent(name)}/restart`, {}, undefined, { method: 'POST', headers, body: '{}' })
    },
    async tail(filter, signal) {
      const { body } = await call('tail', { ...filter }, signal)
      if (body === null) throw new TypeError('the server answered without a body')
      return body
    }
  }
}

/** What our own server says is taken as it is: its routes have the schemas. */
const bodyOf = async (response: Response) => JSON.parse(await response.text())
