import type { Listener } from './record.ts'

/** One line of a dead-letter file: the event as people read it, and its frame as it came, so that it can be put back. */
export interface DeadLetter {
  /** 1 once the lane's store has it. The first key of the line: one byte changes when it is put back. */
  readonly putBack: 0 | 1
  /** When it was given up, ISO 8601. */
  readonly at: string
  /** The lane that gave it up; with the number of its partition, where that is not 0. */
  readonly lane: string
  /** The event's. */
  readonly id: string
  readonly reason: string
  /** ms since 1970. */
  readonly receiptTime: number
  readonly listener: Listener
  /** Index of the frame in its record. */
  readonly sequence: number
  /** Event.tieBreak. */
  readonly tieBreak: number
  /** What ingest marked the frame with (frame… in record.ts). */
  readonly marks: number
  /** LogRow or MetricRow; absent where we cannot read it ourselves. */
  readonly event?: unknown
  /** The frame's bytes in base64. */
  readonly frame: string
}

/** All given must match. */
export interface DeadLetterFilter {
  /** A lane's name: all its partitions. */
  readonly lane?: string
  /** Words that the reason or the line holds, as in searches. */
  readonly q?: string
  /** Name or guid. */
  readonly app?: string
  /** When it was given up, ms since 1970; both ends belong to the range. */
  readonly from?: number
  readonly to?: number
}

export interface DeadLetterQuery extends DeadLetterFilter {
  readonly cursor?: string
  readonly limit: number
}

/** A letter as a list shows it. */
export interface DeadLetterRow {
  readonly id: string
  readonly at: string
  readonly lane: string
  readonly reason: string
  /** log, event, gauge, counter or timer; absent where the event cannot be read. */
  readonly kind?: string
  /** Name of the app, `org / space` and the source type; empty where the event cannot be read. */
  readonly app: string
  readonly place: string
  readonly type: string
  /** The beginning of the line, or name and value of the metric. */
  readonly text: string
  /** Of the frame. */
  readonly bytes: number
}

export interface DeadLetterPage {
  /** Newest first, without those that are put back. */
  readonly letters: readonly DeadLetterRow[]
  /** The cursor of older ones; a page may hold none and still have one, since it looks at so many bytes at most. */
  readonly next?: string
  /** Lines that are no letters, as a crash or a person left them. */
  readonly skipped: number
}

/** A letter whole. */
export interface DeadLetterWhole extends DeadLetter {
  /** The frame as text; what is no UTF-8 is U+FFFD. */
  readonly text: string
}

/** Letters of one lane whose reasons differ in numbers and quotations only. */
export interface DeadLetterReason {
  readonly lane: string
  /** The newest one's, whole. */
  readonly reason: string
  /** Words that find these letters. */
  readonly q: string
  readonly letters: number
  readonly newest: string
  readonly oldest: string
}

export interface DeadLetterReasons {
  /** The most frequent first. */
  readonly reasons: readonly DeadLetterReason[]
  readonly letters: number
  /** False where there are more letters than were looked at: these are the newest. */
  readonly complete: boolean
  readonly skipped: number
}

/** What lies there of one lane. */
export interface DeadLetterCount {
  readonly lane: string
  /** Not put back. */
  readonly letters: number
  readonly files: number
  readonly bytes: number
  /** Since the start. */
  readonly putBack: number
}

/** What became of some letters. They are done newest first; `next` is where the rest begins. */
export interface PutBackStep {
  readonly lanes: readonly PutBackOfLane[]
  /** Why some were refused again, without repetitions, at most ten. */
  readonly reasons: readonly string[]
  readonly next?: string
  readonly skipped: number
}

export interface PutBackOfLane {
  readonly lane: string
  /** The store has them now; of these it had `duplicate` already. */
  readonly putBack: number
  readonly duplicate: number
  /** Refused again: they stay. */
  readonly refused: number
  /** Why the rest of the lane's letters waits: its store, or the disk, did not take them now. */
  readonly problem?: string
}
