import type { DeadLetterCount } from './dead-letter.ts'
import type { LostBefore } from './losses.ts'
import type { JournalStatus, LaneStatus } from './status.ts'

/** The books of a lane as an auditor reads them. */
export interface LaneBooks
  extends Pick<
    LaneStatus,
    | 'name'
    | 'sink'
    | 'partition'
    | 'where'
    | 'state'
    | 'position'
    | 'ledger'
    | 'inFlight'
    | 'lost'
    | 'since'
    | 'committedAt'
  > {
  /** Frames of the books and those in flight. */
  readonly received: number
  /** Of all that became of them, in flight included. */
  readonly accountedFor: number
  /** Whether the two are equal. */
  readonly balances: boolean
}

/** What /api/v1/ledger answers: every frame's whereabouts, and what never became one. */
export interface LedgerReport {
  readonly version: string
  /** ms since 1970. */
  readonly generatedAt: number
  readonly startedAt: number
  readonly lanes: readonly LaneBooks[]
  readonly lostBefore: LostBefore
  /** What the books count as dead and lies in files, or was put back. */
  readonly deadLetters: readonly DeadLetterCount[]
  /** What the journal's disk gave back damaged, since the start: nobody knows how many frames. */
  readonly damaged: JournalStatus['damaged']
}
