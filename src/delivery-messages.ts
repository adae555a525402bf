import type { DeadLetterQuery, PutBackStep } from './core/dead-letter.ts'
import type { ErrorCode } from './core/errors.ts'
import type { LostBefore } from './core/losses.ts'
import type { LogRow } from './core/plain.ts'
import type { ReplayQuery, ReplayRange, ReplayStep, ReplayStepQuery } from './core/replay.ts'
import type { LaneStatus, LogFilter, ProcessorStatus } from './core/status.ts'
import type { DamagedStretch } from './journal/damaged-bytes.ts'
import type { JournalEnd } from './journal/journal.ts'
import type { RateIncrement } from './rates.ts'
import type { FramesLeft } from './undelivered.ts'

/** What the main thread and a delivery worker say to each other; nothing else is shared. */
export type ToWorker =
  | { readonly type: 'end'; readonly end: JournalEnd }
  | { readonly type: 'skip'; readonly lane: string; readonly partition: number; readonly to: number }
  | { readonly type: 'watch'; readonly id: number; readonly filter: LogFilter }
  | { readonly type: 'unwatch'; readonly id: number }
  | { readonly type: 'put-back'; readonly id: number; readonly query: DeadLetterQuery }
  | { readonly type: 'replay-range'; readonly id: number; readonly query: ReplayQuery }
  | { readonly type: 'replay-step'; readonly id: number; readonly query: ReplayStepQuery }
  | { readonly type: 'restart-lane'; readonly id: number; readonly lane: string }
  /** By `sharedNow`, so that a worker that hears it late is not late. `readOn`: lanes read to the journal's end before they stop. */
  | { readonly type: 'stop'; readonly deadline: number; readonly readOn: boolean }

export type FromWorker =
  | { readonly type: 'committed'; readonly lane: string; readonly partition: number; readonly offset: number }
  | { readonly type: 'damaged'; readonly stretch: DamagedStretch }
  | {
      readonly type: 'status'
      readonly lanes: readonly LaneStatus[]
      readonly sources: number
      readonly decodedBytes: number
      /** Since the last time, by mark. */
      readonly marks: Readonly<Record<string, number>>
      /** Since the last time. */
      readonly processors: readonly ProcessorStatus[]
      readonly rates: readonly RateIncrement[]
    }
  | { readonly type: 'losses'; readonly partition: number; readonly book: LostBefore }
  | { readonly type: 'rows'; readonly id: number; readonly rows: readonly LogRow[]; readonly dropped: number }
  | { readonly type: 'put-back'; readonly id: number; readonly step: PutBackStep }
  | { readonly type: 'replay-range'; readonly id: number; readonly range: ReplayRange }
  | { readonly type: 'replay-step'; readonly id: number; readonly step: ReplayStep }
  | { readonly type: 'restarted'; readonly id: number }
  | { readonly type: 'failed'; readonly id: number; readonly code: ErrorCode; readonly message: string }
  | { readonly type: 'stopped'; readonly left: readonly FramesLeft[] }

/** ms, of a clock that all threads of the process share and nobody sets. */
export const sharedNow = (): number => Number(process.hrtime.bigint() / 1_000_000n)

/** What a worker begins with: it reads the configuration itself. */
export interface WorkerStart {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly ends: readonly JournalEnd[]
}
