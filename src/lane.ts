import { setTimeout as pause } from 'node:timers/promises'
import type { Cursor, JournalReader, Note, Processor, Sink } from './core/contract.ts'
import type { CulvertError } from './core/errors.ts'
import type { LaneStatus } from './core/status.ts'
import type { DeadLetters } from './dead-letters.ts'
import { asCulvertError, createAttempts, waitOf } from './delivery-attempts.ts'
import { deliverFrom } from './lane-run.ts'
import { addLedgers, emptyLedger } from './ledger.ts'
import type { DecodedReader } from './shared-decode.ts'

/** Something that a lane tells people; the caller logs it. */
export type LaneNews =
  | { readonly kind: 'retry'; readonly error: CulvertError; readonly events: number; readonly waitMs: number }
  | { readonly kind: 'recovered' }
  | { readonly kind: 'dead'; readonly events: number }
  | { readonly kind: 'lost'; readonly frames: number; readonly from: number; readonly to: number }
  | { readonly kind: 'restarted'; readonly error: CulvertError }

export interface LaneOptions {
  readonly name: string
  readonly partition: number
  readonly sink: Sink
  /** The lane's own, after the shared ones. */
  readonly processors: readonly Processor[]
  readonly journal: JournalReader
  readonly decoded: DecodedReader
  readonly deadLetters: DeadLetters
  /** Where a lane without a cursor begins. */
  readonly start: 'oldest' | 'now'
  /** For people: where what it writes can be seen. */
  readonly where: string
  readonly onCommit: (offset: number) => void
  /** The sink is open and the cursor known: reading begins. */
  readonly onReady: (offset: number) => void
  readonly onNews: (news: LaneNews) => void
}

/**
 * A sink's way out of one partition: reads, batches, delivers, commits. A commit's position is always the end of whole records
 * whose frames are all accounted for, so that the books balance at every commit.
 */
export function createLane(options: LaneOptions) {
  const { name, partition, sink, processors, journal, decoded, deadLetters, onCommit, onReady, onNews } = options
  let state: LaneStatus['state'] = 'starting'
  let committed: Cursor = { offset: 0, note: { ledger: emptyLedger, receiptTime: 0 } }
  let framesRead = 0
  let batches = 0
  let retries = 0
  let lastError: LaneStatus['lastError']
  let skipTo = 0
  let generation = new AbortController()
  const reading = new AbortController()
  let running: Promise<void> | undefined
  let stopping = false

  function failed(error: CulvertError): void {
    state = 'retrying'
    lastError = { code: error.code, message: error.message, at: Date.now() }
  }

  const deliver = createAttempts({
    sink,
    deadLetters,
    onRetry(error, events, waitMs) {
      retries++
      failed(error)
      onNews({ kind: 'retry', error, events, waitMs })
    },
    onSuccess() {
      if (state === 'retrying') onNews({ kind: 'recovered' })
      state = 'running'
    }
  })

  /** Where to begin: the sink's own cursor counts before the journal's, since it lies with what was stored. */
  async function findCursor(): Promise<Cursor> {
    const [inJournal, inSink] = await Promise.all([journal.cursor(name, partition), sink.cursor?.(partition)])
    const known = inSink !== undefined && inSink.offset >= (inJournal?.offset ?? 0) ? inSink : inJournal
    const { oldest, end } = journal.bounds(partition)
    if (known === undefined) {
      const offset = options.start === 'now' ? end : oldest
      return { offset, note: { ledger: emptyLedger, receiptTime: 0 } }
    }
    return known
  }

  async function commit(offset: number, note: Note): Promise<void> {
    await journal.commit(name, { partition, offset }, note)
    committed = { offset, note }
    onCommit(offset)
  }

  /** Gives up what lies before `skipTo`, counted in frames (whenFull: 'skip'). */
  async function skip(signal: AbortSignal): Promise<void> {
    const { offset: from, note } = committed
    const to = skipTo
    if (to <= from) return
    let frames = 0
    for await (const entry of journal.read(partition, from, signal)) {
      const record = 'record' in entry ? entry.record : 'repeated' in entry ? entry.repeated : undefined
      if (record === undefined || record.position >= to) break
      frames += record.frameCount
    }
    await commit(to, { ...note, ledger: addLedgers(note.ledger, { received: frames, lost: frames }) })
    onNews({ kind: 'lost', frames, from, to })
  }

  function run(signal: AbortSignal): Promise<void> {
    framesRead = committed.note.ledger.received
    return deliverFrom(committed, {
      partition,
      sink,
      processors,
      decoded,
      deliver: async (events, aborted, through) => {
        const outcome = await deliver(events, aborted, through)
        batches++
        if (outcome.dead > 0) onNews({ kind: 'dead', events: outcome.dead })
        return outcome
      },
      commit,
      onRead: frames => {
        framesRead += frames
      },
      signal,
      reading: reading.signal
    })
  }

  async function open(): Promise<void> {
    for (let failures = 0; ; failures++) {
      try {
        await sink.start(generation.signal)
        committed = await findCursor()
        onReady(committed.offset)
        state = 'running'
        return
      } catch (error) {
        generation.signal.throwIfAborted()
        const failure = asCulvertError(error)
        const waitMs = waitOf(failures, failure.retryAfterMs, 200, 30_000)
        retries++
        failed(failure)
        onNews({ kind: 'retry', error: failure, events: 0, waitMs })
        await pause(waitMs, undefined, { signal: AbortSignal.any([generation.signal, reading.signal]) })
      }
    }
  }

  async function loop(): Promise<void> {
    for (let failures = 0; !stopping; failures++) {
      try {
        if (state === 'starting' || state === 'retrying') await open()
        await skip(generation.signal)
        await run(generation.signal)
      } catch (error) {
        if (stopping) return
        if (generation.signal.aborted) {
          generation = new AbortController()
          failures = 0
          continue
        }
        const failure = asCulvertError(error)
        failed(failure)
        onNews({ kind: 'restarted', error: failure })
        generation.abort()
        generation = new AbortController()
        await pause(waitOf(failures, undefined, 200, 30_000), undefined, { signal: reading.signal }).catch(
          () => undefined
        )
      }
    }
  }

  return {
    name,
    sink,
    start(): void {
      running ??= loop()
    },

    /** Gives up everything before `to`: the journal is full and this lane's whenFull is 'skip'. */
    skip(to: number): void {
      if (to <= skipTo) return
      skipTo = to
      generation.abort()
    },

    /** Reads no more, settles and commits what is on its way for at most `deadlineMs`, then closes the sink. Safe twice. */
    async stop(deadlineMs: number): Promise<void> {
      const timer = setTimeout(() => {
        stopping = true
        generation.abort()
      }, deadlineMs)
      reading.abort()
      const done = running?.catch(() => undefined)
      stopping = true
      await done
      clearTimeout(timer)
      state = 'stopped'
      await sink.stop()
      await deadLetters.close()
    },

    /** Where the lane stands; the head of the shared decode begins at the most advanced. */
    get offset(): number {
      return committed.offset
    },

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
        lagSeconds: lagBytes === 0 || note.receiptTime === 0 ? 0 : Math.max(0, Date.now() - note.receiptTime) / 1000,
        ledger: note.ledger,
        inFlight: Math.max(0, framesRead - note.ledger.received),
        batches,
        retries,
        ...(lastError === undefined ? {} : { lastError }),
        where: options.where
      }
    }
  }
}
export type Lane = ReturnType<typeof createLane>
