import type { Journal, JournalReader } from '../core/contract.ts'
import type { JournalStatus } from '../core/status.ts'
import type { DamagedStretch } from './damaged-bytes.ts'

/** How far a partition goes; plain numbers, so that it can be sent to a worker as it is. */
export interface JournalEnd {
  readonly partition: number
  /** The first position that is still kept. */
  readonly oldest: number
  /** Everything before this is safe and may be read. */
  readonly end: number
  /** Where the part of the journal begins that `end` lies in: a segment's base. */
  readonly segment: number
  /**
   * ms since 1970; no record at `end` or behind it has an earlier receipt time. A reader that has come to `end` may give it to
   * stateful processors as their clock.
   */
  readonly time: number
}

/** The main thread's half of a journal. */
export interface MainJournal extends Journal {
  /** Recovers what is there and begins to accept. Throws DATA_DIR_UNUSABLE, DATA_DIR_IN_USE, JOURNAL_VERSION. */
  open(): Promise<Recovery>
  /** Refuses new records, waits for the ones it has taken, closes; safe to call twice. */
  stop(): Promise<void>
  status(): JournalStatus
  /** All partitions as they are now: what a new reader begins with. */
  ends(): readonly JournalEnd[]
  /** Called after every sync, and once a second so that the clock of an idle partition goes on. */
  onEnd(callback: (end: JournalEnd) => void): void
  /** Called when the journal is full and the lane, which may skip, holds back its oldest part: the lane is to go on at `to`. */
  onSkip(callback: (lane: string, partition: number, to: number) => void): void
  /** A lane has committed: what all lanes have committed need not be kept. */
  committed(lane: string, partition: number, offset: number): void
  /** A reader came to a damaged stretch: it is counted, once. */
  damaged(stretch: DamagedStretch): void
}

/** The delivery worker's half of a journal; it learns of new records by `advance` only. */
export interface WorkerJournal extends JournalReader {
  /** The worker hands every `onEnd` of the main thread's half on. */
  advance(end: JournalEnd): void
  /** Where the first record lies that was received at `time` (ms since 1970) or later; the end where there is none. */
  positionAt(partition: number, time: number): Promise<number>
  stop(): Promise<void>
}

/** What was found at start. */
export interface Recovery {
  /** Stretches of synced data in which no good record was found. */
  readonly damaged: number
  /** Bytes of unfinished writes that were cut off: nobody was told that they are safe. */
  readonly tornBytes: number
}
