import type { FastifyBaseLogger } from 'fastify'
import type { Position } from '../core/contract.ts'
import type {
  DeadLetterFilter,
  DeadLetterPage,
  DeadLetterQuery,
  DeadLetterReasons,
  DeadLetterWhole,
  PutBackStep
} from '../core/dead-letter.ts'
import type { LedgerReport } from '../core/ledger-report.ts'
import type { LogRow } from '../core/plain.ts'
import type { HttpListener } from '../core/record.ts'
import type { ReplayQuery, ReplayRange, ReplayStep, ReplayStepQuery } from '../core/replay.ts'
import type { Container, LogPage, MetricName, MetricSeries } from '../core/search.ts'
import type { LogFilter, Rates, Status } from '../core/status.ts'

/** What the HTTP side needs of the rest of Culvert. */
export interface HttpDependencies {
  readonly config: HttpConfig
  /** Absent where no POSTs of the platform are taken. */
  readonly drain?: Drain
  status(): Status | Promise<Status>
  ledger(): LedgerReport | Promise<LedgerReport>
  rates(): Rates | Promise<Rates>
  readonly tail: Tail
  /** Absent without a local store: then searches are answered with SEARCH_ELSEWHERE. */
  readonly queries?: Queries
  readonly deadLetters: DeadLetters
  /** Stops the lanes of a name at a commit and starts them anew. Rejects with NOT_FOUND, or SINK_UNAVAILABLE where nothing is delivered. */
  restartLane(name: string): Promise<void>
  readonly replay: Replay
  /** What /metrics answers. */
  readonly metrics: { readonly contentType: string; text(): Promise<string> }
  readonly log: FastifyBaseLogger
  readonly version: string
  /** The folder of the built console. */
  readonly consoleDir: string
}

export interface HttpConfig {
  readonly host: string
  /** The memory budget: a third of it is for bodies. */
  readonly memoryBytes: number
  readonly http: { readonly port: number; readonly bodyLimit: number; readonly token?: string }
  readonly https?: {
    readonly port: number
    /** PEM; a client CA makes client certificates required. */
    readonly tls: { readonly cert: string; readonly key: string; readonly clientCa?: string }
  }
}

/** The HTTPS drain (ingest/https-drain.ts). */
export interface Drain {
  /**
   * Takes the body of one POST and answers the HTTP status: 2xx once it is safe, 503 when it cannot be stored now; or, where lanes
   * decide on the answer, what `delivered` is to be asked. `target` is path and query as sent.
   */
  handle(post: { target: string; body: Buffer; listener: HttpListener }): Promise<number | Stored>
  /** Resolves when 2xx may be answered; rejects with NOT_DELIVERED, also when `gone` aborts: the sender has. */
  delivered(stored: Stored, gone: AbortSignal): Promise<void>
  /** Whether these credentials are right: asked before the body is read, so that strangers cannot fill the memory. */
  authorized(authorization: string | undefined): boolean
  /**
   * Counts a POST that does not come to `handle`: `unauthorized`, `too_large`, `no_room` (too many bodies at once), `aborted` by its
   * sender; and one that does, with a `content_type` that is none of the drain's.
   */
  problem(listener: HttpListener, name: DrainProblem): void
}

/** A POST that is safe, and waits for lanes: it holds nothing of the body (ingest/https-drain.ts). */
export interface Stored {
  readonly listener: HttpListener
  readonly ends: readonly Position[]
  readonly since: number
}

export type DrainProblem = 'unauthorized' | 'too_large' | 'no_room' | 'aborted' | 'content_type'

export interface Tail {
  /**
   * Hands on new rows that fit, in batches, until the returned function is called; `dropped` is how many more fitted and were
   * left out before they came here.
   */
  subscribe(filter: LogFilter, onRows: (rows: readonly LogRow[], dropped?: number) => void): () => void
}

/** ms since 1970; an absent end is open. */
export interface TimeRange {
  readonly from?: number
  readonly to?: number
}

export interface LogsQuery extends LogFilter, TimeRange {
  readonly cursor?: string
  readonly limit: number
}

export interface MetricsQuery {
  readonly name: string
  readonly app?: string
  readonly from: number
  readonly to: number
  readonly stepMs: number
}

/** Searches in the local store. Rejects with QUERY_INVALID or QUERY_DEADLINE. */
export interface Queries {
  logs(query: LogsQuery): Promise<LogPage>
  metrics(query: MetricsQuery): Promise<{ readonly series: readonly MetricSeries[] }>
  metricNames(range: TimeRange): Promise<{ readonly names: readonly MetricName[] }>
  latestContainers(): Promise<{ readonly containers: readonly Container[] }>
}

/** What stores refused for good. Rejects with QUERY_INVALID, and `replay` with what keeps the store from taking them. */
export interface DeadLetters {
  list(query: DeadLetterQuery): Promise<DeadLetterPage>
  letter(id: string, lane?: string): Promise<DeadLetterWhole | undefined>
  reasons(filter: DeadLetterFilter): Promise<DeadLetterReasons>
  replay(query: DeadLetterQuery): Promise<PutBackStep>
}

/** The journal once more. Rejects with QUERY_INVALID, and with what keeps the store, or the lane, from taking it now. */
export interface Replay {
  range(query: ReplayQuery): Promise<ReplayRange>
  step(query: ReplayStepQuery): Promise<ReplayStep>
}
