import type { Ledger, LostSpan } from './contract.ts'
import type { DeadLetterCount } from './dead-letter.ts'
import type { ErrorCode } from './errors.ts'
import type { LossTotals } from './losses.ts'
import type { Listener } from './record.ts'
import type { ReplayCount } from './replay.ts'

/** What /api/v1/status answers; every component gives its own part. */
export interface Status {
  readonly version: string
  /** ms since 1970. */
  readonly startedAt: number
  readonly ready: boolean
  /** Why not, in sentences; empty when ready. */
  readonly reasons: readonly string[]
  readonly listeners: readonly Flowing<ListenerStatus>[]
  readonly journal: JournalStatus
  readonly memory: MemoryStatus
  readonly worker: WorkerStatus
  readonly lanes: readonly Flowing<LaneStatus>[]
  /** Of lanes that have any, or had some put back. */
  readonly deadLetters: readonly DeadLetterCount[]
  /** Of lanes into which somebody replayed the journal since the start. */
  readonly replays: readonly ReplayCount[]
  /** What the platform lost before us, as far as it says so: /api/v1/ledger has it by app and drain. */
  readonly lostBefore: LossTotals
  /** Distinct sources interned now. */
  readonly sources: number
  /** Events that were kept although something was wrong with them, by their marks (core/event.ts). */
  readonly marks: Readonly<Record<string, number>>
  readonly processors: readonly ProcessorStatus[]
}

/** A processor by its name, in all lanes and partitions, since the start. */
export interface ProcessorStatus {
  readonly name: string
  /** Events that it was given. */
  readonly events: number
  readonly busyMs: number
  /** Events on which it threw: they are kept and marked. */
  readonly failed: number
  /** What it threw last. */
  readonly lastError?: string
}

/** With frames that came in, or that a lane settled, per second: the mean of the last ten. */
export type Flowing<T> = T & { readonly framesPerSecond: number }

export interface ListenerStatus {
  readonly name: Listener
  readonly address: string
  readonly port: number
  readonly connections: number
  readonly frames: number
  readonly bytes: number
  /** Frames or connections with something wrong, by what: truncated, resynchronised, unfinished, tls_on_plain_port, idle, refused, … */
  readonly problems: Readonly<Record<string, number>>
  /** POSTs that wait until every lane has delivered them: `acknowledge: 'delivered'` only. */
  readonly waiting?: number
}

/** Each third of the memory budget (CULVERT_MEMORY_BUDGET). */
export interface MemoryStatus {
  /** Parts of frames, of all connections. */
  readonly frames: MemoryShare
  /** Bodies of POSTs. */
  readonly bodies: MemoryShare
  /** Decoded records that lanes have not passed; a lane that falls behind reads them again, so nothing waits. */
  readonly decoded: MemoryShare
}

export interface MemoryShare {
  readonly usedBytes: number
  readonly maxBytes: number
  /** How many wait for room now, and how often one had to. */
  readonly waiting: number
  readonly waits: number
}

export interface JournalStatus {
  readonly kind: 'disk' | 'kafka'
  readonly where: string
  readonly state: 'ok' | 'full' | 'failing'
  readonly reason?: string
  readonly bytes: number
  readonly maxBytes: number
  /** Of `bytes`, what every lane has committed: it can be replayed, and goes first when there must be room for new records. */
  readonly retainedBytes: number
  readonly partitions: readonly PartitionStatus[]
  readonly records: number
  readonly syncs: number
  /** Since the start: stretches that held no whole record and were skipped, and copies of them in `damaged/`. */
  readonly damaged: { readonly stretches: number; readonly bytes: number; readonly copies: number }
}

/** Positions of the oldest record that is kept and of the end, and the receipt time of that record, ms; none where nothing is kept. */
export interface PartitionStatus {
  readonly partition: number
  readonly oldest: number
  readonly end: number
  readonly since?: number
}

/** Of the delivery worker, in which all lanes run. */
export interface WorkerStatus {
  /** Times that it failed and was started again. */
  readonly restarts: number
  readonly lastFailure?: { readonly message: string; readonly at: number }
}

export interface LaneStatus {
  readonly name: string
  readonly sink: string
  readonly partition: number
  readonly state: 'starting' | 'running' | 'retrying' | 'stopped'
  /** Committed offset, and how much of the journal lies behind it. */
  readonly position: number
  readonly lagBytes: number
  /** Seconds since the receipt of the oldest record that is not committed; 0 when nothing waits. */
  readonly lagSeconds: number
  readonly ledger: Ledger
  /** What `ledger.lost` counts, oldest first. */
  readonly lost: readonly LostSpan[]
  /** When the books were opened, and the last commit of this life; ms since 1970. */
  readonly since?: number
  readonly committedAt?: number
  /** Frames read and not committed. */
  readonly inFlight: number
  readonly batches: number
  readonly retries: number
  /** Events that the store refused, for now or for good, each time that it did. */
  readonly refused: number
  readonly lastError?: { readonly code: ErrorCode; readonly message: string; readonly at: number }
  /** For people: where what this lane writes can be seen. */
  readonly where: string
}

/** Lines and requests per second, the newest last; all arrays have the same length. What /api/v1/rates answers. */
export interface Rates {
  /** Start of the first second, ms since 1970. */
  readonly from: number
  readonly stepMs: 1000
  /** By level: trace, debug, info, warn, error, fatal. */
  readonly levels: Readonly<Record<string, readonly number[]>>
  /** Router requests by status class: 1xx … 5xx, and `none`. */
  readonly statuses: Readonly<Record<string, readonly number[]>>
  /** Metric events of any kind. */
  readonly metrics: readonly number[]
}

/** What a person watches: all given must match. `app` is a name or guid, `source` a source type, `level` the least severe. */
export interface LogFilter {
  readonly q?: string
  readonly app?: string
  readonly level?: string
  readonly source?: string
}
