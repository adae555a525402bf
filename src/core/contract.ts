import type { Event } from './event.ts'
import type { RecordView } from './record.ts'

/** Partition and offset of a record in the journal. Never part of an identity. */
export interface Position {
  readonly partition: number
  readonly offset: number
}

/** Where records wait until every lane has committed them: the half that ingest sees. */
export interface Journal {
  /**
   * Takes a finished record (RecordBuilder.finish); the journal writes position, receipt time and checksum into it and owns the
   * bytes until the promise settles. Resolves when the record is safe (synced). Rejects with JOURNAL_FULL, JOURNAL_FAILING,
   * JOURNAL_TIMEOUT (15 s) or JOURNAL_STOPPED: then the caller still has the record and may append it again.
   */
  append(partition: number, record: Buffer): Promise<void>
}

/**
 * A record (`doubtful`: a POST that may have come before, in a part of the journal that is gone); or a POST's record that this reader passed
 * before (only counted); or word that the reader has come to the end, with
 * the time that stateful processors get as their clock.
 */
export type Entry =
  | { readonly record: RecordView; readonly doubtful?: boolean }
  | { readonly repeated: RecordView }
  | { readonly tick: number; readonly position: number }

/** Where a lane stands: everything before `offset` is committed. */
export interface Cursor {
  readonly offset: number
  readonly note: Note
}

/** The half that lanes see. */
export interface JournalReader {
  /** Records from `from` on, only what is synced, and a tick whenever there is nothing more; ends when `signal` aborts. */
  read(partition: number, from: number, signal: AbortSignal): AsyncIterable<Entry>
  /** Atomic and synced when it resolves. The note is at most `maxNoteBytes` of JSON. */
  commit(lane: string, position: Position, note: Note): Promise<void>
  cursor(lane: string, partition: number): Promise<Cursor | undefined>
  /** Receipt time (ms) of the record at a position, or of the first one that is kept behind it; undefined where there is none. */
  receivedAt(partition: number, position: number): Promise<number | undefined>
  /**
   * The first and the last safe position of a partition: a new lane begins at one of them. And its clock, ms: no record at the end or
   * behind it has an earlier receipt time.
   */
  bounds(partition: number): { readonly oldest: number; readonly end: number; readonly time: number }
}

export const maxNoteBytes = 4096

/** The books of a lane, in frames, from its first cursor on. */
export interface Ledger {
  readonly received: number
  readonly stored: number
  /** Already in the store, or a repeated POST that the reader dropped. */
  readonly duplicate: number
  readonly joined: number
  readonly folded: number
  /** Left out by a rule: a processor's, or the sink does not take this kind. */
  readonly filtered: number
  readonly dead: number
  /** Given up by policy: whenFull: 'skip'. */
  readonly lost: number
}

/** The policies by which a lane gives up frames. */
export const lostReasons = ['journal_full'] as const
export type LostReason = (typeof lostReasons)[number]

/** Frames that a lane gave up by policy: a stretch of the journal, or several. */
export interface LostSpan {
  readonly reason: LostReason
  readonly frames: number
  /** Receipt times of the first and the last of them, ms since 1970. */
  readonly from: number
  readonly to: number
  /** The position of the first, and the one behind the last. */
  readonly begin: number
  readonly end: number
  /** More than 1: so many that lie between the two, folded into one. */
  readonly stretches: number
}

/** What a commit carries besides the position. */
export interface Note {
  readonly ledger: Ledger
  /** Highest receipt time before the position, ms. */
  readonly receiptTime: number
  /** When the books were opened, ms since 1970. */
  readonly since?: number
  /** What `ledger.lost` counts, oldest first: see `addSpan`. */
  readonly lost?: readonly LostSpan[]
  /** What stateful processors must remember, by name. */
  readonly state?: Readonly<Record<string, unknown>>
  /** Fingerprint of the stateful processors' options: state of others is not taken over. */
  readonly fingerprint?: string
  /** What lies between the position and this one may have been sent before: a sink with `known` is asked first. */
  readonly uncertainTo?: number
}

/** Events in, events out. Where it throws, its events are kept and marked (src/run-processors.ts). */
export interface Processor {
  readonly name: string
  /**
   * Stateful: it runs in a lane, one of it for each partition, and keeps what it does not return, until it returns it or an event of which
   * it is a part (`LogChanges.parts`). It is called without events when time has passed. What it keeps depends on the events since the
   * oldest that it still has, on nothing before: a lane that resumes there comes to the same.
   */
  readonly stateful?: true
  /** Stateless processors run once for all lanes; `clock` is a receipt time, ms. */
  process(events: readonly Event[], clock: number): readonly Event[]
}

export interface Refusal {
  /** Index in the batch. */
  readonly index: number
  /** The store's own words. */
  readonly reason: string
  /** The store may have it all the same: a sink with `known` is asked before it is sent again. */
  readonly uncertain?: boolean
}

/** What a store said of a batch; whatever is in neither list is stored. */
export interface Refusals {
  /** The lane sends these again, for ever, loudly. */
  readonly retry: readonly Refusal[]
  /** The store blames these events: dead letters. */
  readonly rejected: readonly Refusal[]
  /** How many of the accepted ones the store already had. */
  readonly duplicates: number
}

export const allStored: Refusals = { retry: [], rejected: [], duplicates: 0 }

/** How the lane makes batches for a sink; each bound alone closes a batch. */
export interface BatchLimits {
  readonly maxEvents: number
  readonly maxBytes: number
  readonly maxAgeMs: number
  /** Batches on their way at once; 1 for a sink that keeps its own cursor. */
  readonly maxInFlight: number
}

/** Where a batch ends in the journal, for a sink that stores the cursor with the events. */
export interface Through {
  readonly position: Position
  readonly note: Note
}

/**
 * Writes a batch to a service and says what was refused. No queue, timer, retry loop or counter: the lane has them.
 *
 * `write` throws a CulvertError when the whole call failed: `retryable` (SINK_UNAVAILABLE, SINK_UNAUTHORIZED) and the lane sends
 * the batch again; SINK_REFUSED_BATCH (HTTP 400, 413, 422) and the lane halves it until it passes or is one event, which is dead.
 * Anything else that is thrown is a mistake of ours: the lane sends the batch again a few times, and then does the same.
 *
 * After an error nobody knows what the service took, unless it refused the call (SINK_REFUSED_BATCH) or the error is `untouched`.
 */
export interface Sink {
  /** What it talks to: elasticsearch, influxdb, local, stdout. */
  readonly kind: string
  readonly limits: BatchLimits
  /** Whether it takes this event; others are counted as filtered. */
  accepts(event: Event): boolean
  /** Opens, checks, installs templates. Throws retryable errors like `write`; the lane calls it until it succeeds. */
  start(signal: AbortSignal): Promise<void>
  write(batch: readonly Event[], signal: AbortSignal, through: Through | undefined): Promise<Refusals>
  /** Settles what it holds and closes; safe to call twice. */
  stop(): Promise<void>
  /**
   * A sink that stores its cursor with the events (exactly once) answers it here; `through` then comes with the write that completes a
   * batch. Such a sink takes a write whole or throws: what it refused by item would be behind its cursor and not yet dead-lettered.
   */
  cursor?(partition: number): Promise<Cursor | undefined>
  /**
   * The ids of those events that the service has already, for a sink whose service does not keep one of each by itself. The lane asks
   * before it writes what may have been written before: after a call without an answer, and after a start. Throws like `write`.
   */
  known?(events: readonly Event[], signal: AbortSignal): Promise<ReadonlySet<string>>
  /**
   * Like `write`, but over what the service has of these events, which keep their ids: a parser has changed. `duplicates` are those that
   * were there. Absent where the service cannot.
   */
  replace?(events: readonly Event[], signal: AbortSignal): Promise<Refusals>
}
