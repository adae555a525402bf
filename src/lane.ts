import { setTimeout as pause } from 'node:timers/promises'
import type { Cursor, JournalReader, LostSpan, Note, Processor, Sink } from './core/contract.ts'
import type { CulvertError } from './core/errors.ts'
import type { LaneStatus } from './core/status.ts'
import type { DeadLetters } from './dead-letters.ts'
import { asCulvertError, createAttempts, waitOf } from './delivery-attempts.ts'
import { cursorInJournal, cursorInSink, spanBetween } from './lane-cursor.ts'
import { createLag } from './lane-lag.ts'
import { deliverFrom, maxUncommittedBytes } from './lane-run.ts'
import { addLedgers, emptyLedger } from './ledger.ts'
import { addSpan } from './lost-spans.ts'
import { orAbort } from './or-abort.ts'
import type { ProcessorMeter } from './run-processors.ts'
import type { DecodedReader } from './shared-decode.ts'

/** Something that a lane tells people; the caller logs it. */
export type LaneNews =
  | { readonly kind: 'retry'; readonly error: CulvertError; readonly events: number; readonly waitMs: number }
  | { readonly kind: 'recovered' }
  | { readonly kind: 'dead'; readonly events: number }
  | { readonly kind: 'lost'; readonly span: LostSpan }
  | { readonly kind: 'restarted'; readonly error: CulvertError }

export interface LaneOptions {
  readonly name: string
  readonly partition: number
  readonly sink: Sink
  /** The lane's own, after the shared ones; made anew whenever it begins anew at its last commit. */
  readonly createProcessors: () => readonly Processor[]
  readonly meter?: ProcessorMeter
  readonly journal: JournalReader
  readonly decoded: DecodedReader
  readonly deadLetters: DeadLetters
  /** Where a lane without a cursor begins. */
  readonly start: 'oldest' | 'now'
  /** For people: where what it writes can be seen. */
  readonly where: string
  /** What must be done before the lane commits there; what it rejects with is why the commit fails. */
  readonly beforeCommit?: (offset: number) => Promise<void>
  readonly onCommit: (offset: number) => void
  /** The cursor is known: reading begins here when the sink is open. */
  readonly onReady: (offset: number) => void
  readonly onNews: (news: LaneNews) => void
  /** Between two tries of anything: the first pause and the longest, ms. */
  readonly minWaitMs?: number
  readonly maxWaitMs?: number
  /** Between two commits, ms. */
  readonly minCommitMs?: number
  /** What is sent lies at most so far behind the last commit. */
  readonly maxUncommittedBytes?: number
}

/**
 * A sink's way out of one partition: reads, batches, delivers, commits. Whatever fails, it begins anew at its last commit, for ever,
 * with pauses.
 */
export function createLane(options: LaneOptions) {
  const { name, partition, sink, journal, onCommit, onReady, onNews } = options
  const { minWaitMs = 200, maxWaitMs = 30_000 } = options
  const lag = createLag(journal, partition)
  let state: LaneStatus['state'] = 'starting'
  let committed: Cursor = { offset: 0, note: { ledger: emptyLedger, receiptTime: 0 } }
  let committedAt: number | undefined
  let framesRead = 0
  let batches = 0
  let retries = 0
  let refused = 0
  let lastError: LaneStatus['lastError']
  let opened = false
  let skipTo = 0
  /** Lives that ended without a commit, one after the other. */
  let failures = 0
  let life = new AbortController()
  const reading = new AbortController()
  /** Where the run is, and where reading ends. */
  let readTo = 0
  let stopAt = Number.POSITIVE_INFINITY
  let running: Promise<void> | undefined
  let stopped: Promise<void> | undefined

  function failed(error: CulvertError): void {
    state = 'retrying'
    lastError = { code: error.code, message: error.message, at: Date.now() }
  }

  function onRetry(error: CulvertError, events: number, waitMs: number): void {
    retries++
    failed(error)
    onNews({ kind: 'retry', error, events, waitMs })
  }

  function onRecovered(): void {
    state = 'running'
    onNews({ kind: 'recovered' })
  }

  function onRefused(events: number): void {
    refused += events
  }

  const decoded: DecodedReader = {
    ...options.decoded,
    next(position, signal) {
      readTo = position
      if (position >= stopAt) reading.abort()
      return options.decoded.next(position, signal)
    }
  }

  const deliver = createAttempts({ ...options, onRetry, onRefused, onRecovered })

  /** Since when there are books, and what was given up, stay in every note. */
  function withPast(note: Note): Note {
    const { lost, ledger, since = ledger.received === 0 ? Date.now() : undefined } = committed.note
    return { ...(since === undefined ? {} : { since }), ...(lost === undefined ? {} : { lost }), ...note }
  }

  async function commit(offset: number, given: Note): Promise<void> {
    const note = withPast(given)
    try {
      await options.beforeCommit?.(offset)
      await journal.commit(name, { partition, offset }, note)
    } catch (error) {
      throw asCulvertError(error, 'JOURNAL_FAILING')
    }
    committed = { offset, note }
    committedAt = Date.now()
    failures = 0
    onCommit(offset)
  }

  /** Gives up what lies before `skipTo`, counted in frames (whenFull: 'skip'). */
  async function giveUp(signal: AbortSignal): Promise<void> {
    const { offset, note } = committed
    const stretch = await spanBetween(journal, partition, offset, skipTo, signal)
    const span: LostSpan = { reason: 'journal_full', ...stretch }
    const ledger = addLedgers(note.ledger, { received: span.frames, lost: span.frames })
    await commit(span.end, { ...note, ledger, lost: addSpan(note.lost ?? [], span) })
    onNews({ kind: 'lost', span })
  }

  /** Opens the sink, trying for ever. */
  async function open(signal: AbortSignal): Promise<void> {
    for (let tries = 0; !opened; tries++) {
      try {
        await orAbort(sink.start(signal), signal)
        opened = true
        if (tries > 0) onNews({ kind: 'recovered' })
      } catch (error) {
        signal.throwIfAborted()
        const failure = asCulvertError(error, 'SINK_UNAVAILABLE')
        const waitMs = waitOf(tries, failure.retryAfterMs, minWaitMs, maxWaitMs)
        onRetry(failure, 0, waitMs)
        await pause(waitMs, undefined, { signal })
      }
    }
  }

  /** The journal hears of the cursor at once: if it is full, nothing new may come that would make the lane commit. */
  async function findCursor(): Promise<void> {
    const known = await cursorInJournal(journal, name, partition)
    if (known === undefined) {
      const { oldest, end } = journal.bounds(partition)
      // Its cursor may have been lost: then it has sent before, nobody knows how far.
      return commit(options.start === 'now' ? end : oldest, { ...committed.note, uncertainTo: end })
    }
    committed = known
    onCommit(known.offset)
  }

  /** Goes on where the sink has come to, if it keeps a cursor and that is further. */
  async function followSink(signal: AbortSignal): Promise<void> {
    const further = await orAbort(cursorInSink(sink, journal, partition, committed.offset), signal)
    // What this life has given up, the sink had stored.
    if (further !== undefined) await commit(further.offset, { lost: [], ...further.note })
  }

  /** How far whoever was here before may have sent: bounded by what may be uncommitted, and by what there was. */
  function uncertainTo(end: number): number {
    const { offset, note } = committed
    const sentTo = offset + (options.maxUncommittedBytes ?? maxUncommittedBytes)
    return Math.min(end, Math.max(sentTo, note.uncertainTo ?? 0))
  }

  /** Up to the first failure. What must be skipped is, whether the sink opens or not: the journal is full. */
  async function live(signal: AbortSignal): Promise<void> {
    const opening = AbortSignal.any([signal, reading.signal])
    const { end } = journal.bounds(partition)
    await findCursor()
    onReady(committed.offset)
    readTo = committed.offset
    if (readTo >= stopAt) reading.abort()
    // What the sink has is not given up; where it does not answer, the journal is full all the same.
    if (opened && skipTo > committed.offset) await followSink(opening).catch(() => opening.throwIfAborted())
    if (skipTo > committed.offset) await giveUp(opening)
    await open(opening)
    await followSink(opening)
    framesRead = committed.note.ledger.received
    state = 'running'
    await deliverFrom(committed, {
      ...options,
      decoded,
      processors: options.createProcessors(),
      commit,
      signal,
      reading: reading.signal,
      uncertainTo: uncertainTo(end),
      onRead: frames => {
        framesRead += frames
      },
      deliver: async (events, aborted, through, uncertain) => {
        const inSink = through && { ...through, note: withPast(through.note) }
        const outcome = await deliver(events, aborted, inSink, uncertain)
        batches++
        if (outcome.dead > 0) onNews({ kind: 'dead', events: outcome.dead })
        return outcome
      }
    })
  }

  async function loop(): Promise<void> {
    while (!reading.signal.aborted) {
      life = new AbortController()
      const { signal } = life
      try {
        await live(signal)
      } catch (error) {
        if (signal.aborted || reading.signal.aborted) continue
        const failure = asCulvertError(error, 'INTERNAL')
        failed(failure)
        onNews({ kind: 'restarted', error: failure })
        const waking = AbortSignal.any([signal, reading.signal])
        await pause(waitOf(failures++, undefined, minWaitMs, maxWaitMs), undefined, { signal: waking }).catch(
          () => undefined
        )
      }
    }
  }

  async function settle(deadlineMs: number, to: number): Promise<void> {
    stopAt = to
    if (readTo >= to) reading.abort()
    const timer = setTimeout(() => {
      reading.abort()
      life.abort()
    }, deadlineMs)
    await running
    clearTimeout(timer)
    await options.decoded.end()
    await sink.stop().catch((error: unknown) => failed(asCulvertError(error, 'SINK_UNAVAILABLE')))
    state = 'stopped'
  }

  return {
    name,
    sink,
    start(): void {
      running ??= loop()
    },

    /** Gives up everything before `to`: the journal is full and this lane's whenFull is 'skip'. */
    skip(to: number): void {
      if (to <= Math.max(skipTo, committed.offset)) return
      skipTo = to
      life.abort()
    },

    /**
     * Reads no more, or up to the position `to` where that is given; settles and commits what it has read, for at most `deadlineMs`;
     * then closes the sink. Safe twice.
     */
    stop: (deadlineMs: number, to = 0): Promise<void> => (stopped ??= settle(deadlineMs, to)),

    status(): LaneStatus {
      const { offset, note } = committed
      const lagBytes = Math.max(0, journal.bounds(partition).end - offset)
      return {
        name,
        sink: sink.kind,
        partition,
        state,
        position: offset,
        lagBytes,
        lagSeconds: lag.seconds(offset),
        ledger: note.ledger,
        lost: note.lost ?? [],
        ...(note.since === undefined ? {} : { since: note.since }),
        ...(committedAt === undefined ? {} : { committedAt }),
        inFlight: Math.max(0, framesRead - note.ledger.received),
        batches,
        retries,
        refused,
        ...(lastError === undefined ? {} : { lastError }),
        where: options.where
      }
    }
  }
}
export type Lane = ReturnType<typeof createLane>
