import { setTimeout as pause } from 'node:timers/promises'
import type { Cursor, Ledger, Note, Processor, Sink, Through } from './core/contract.ts'
import type { Event } from './core/event.ts'
import type { Outcome } from './delivery-attempts.ts'
import { addLedgers, emptyLedger } from './ledger.ts'
import { runProcessors } from './run-processors.ts'
import type { DecodedReader, DecodedRecord } from './shared-decode.ts'

export interface RunOptions {
  readonly partition: number
  readonly sink: Sink
  readonly processors: readonly Processor[]
  readonly decoded: DecodedReader
  readonly deliver: (
    events: readonly Event[],
    signal: AbortSignal,
    through: Through | undefined,
    uncertain: boolean
  ) => Promise<Outcome>
  readonly commit: (offset: number, note: Note) => Promise<void>
  readonly onRead: (frames: number) => void
  /** Ends the run at once; what was not committed will be read again. */
  readonly signal: AbortSignal
  /** Between two commits: each is a file that is synced, and what is delivered again after a crash is recognised (100). */
  readonly minCommitMs?: number | undefined
  /** Batches that begin before this position may have been sent by an earlier run. */
  readonly uncertainTo: number
  /** What is sent lies at most so far behind the last commit: the next run need look no further for what may have been sent. */
  readonly maxUncommittedBytes?: number | undefined
  /** Ends the reading; what was read is delivered and committed first. */
  readonly reading: AbortSignal
}

/** At 60 MB/s more than a second of commits; as much is looked up after a crash at most. */
export const maxUncommittedBytes = 64 * 2 ** 20

/**
 * So much of the journal a batch spans at most, and what is left of its last record (16 MiB): its events hold on to the bytes that were
 * read around them, and with nothing in flight it always fits into what may be uncommitted.
 */
export const maxSpanBytes = maxUncommittedBytes / 4

/** Whole records that go to the sink in one write; `through` is the position after them. */
interface Batch {
  readonly from: number
  readonly events: Event[]
  bytes: number
  through: number
  receiptTime: number
  counts: Ledger
  settled: boolean
}

const newBatch = (from: number): Batch => ({
  from,
  events: [],
  bytes: 0,
  through: from,
  receiptTime: 0,
  counts: emptyLedger,
  settled: false
})

/**
 * Reads from a cursor on, makes batches by count, bytes and age, keeps at most `maxInFlight` of them on their way, and commits
 * them in order. A commit's position is always the end of whole records whose frames are all accounted for, so the books balance
 * at every commit. Resolves when `reading` has aborted and all is committed; rejects when anything failed or `signal` aborts.
 * When it settles nothing of it is on its way any more: the next run may begin.
 */
export async function deliverFrom(cursor: Cursor, options: RunOptions): Promise<void> {
  const { partition, sink, processors, decoded, onRead, minCommitMs = 100, uncertainTo } = options
  const maxAhead = options.maxUncommittedBytes ?? maxUncommittedBytes
  const maxSpan = Math.min(maxSpanBytes, maxAhead / 4)
  const { maxEvents, maxBytes, maxAgeMs } = sink.limits
  const maxInFlight = sink.cursor === undefined ? sink.limits.maxInFlight : 1
  const failing = new AbortController()
  const signal = AbortSignal.any([options.signal, failing.signal])
  const reading = AbortSignal.any([signal, options.reading])
  const inFlight: Batch[] = []
  const settling = new Set<Promise<void>>()
  let batch = newBatch(cursor.offset)
  let ledger = cursor.note.ledger
  let booked: { readonly offset: number; readonly receiptTime: number } | undefined
  let committing = false
  let committed = cursor.offset
  let committedAt = Number.NEGATIVE_INFINITY
  let age: NodeJS.Timeout | undefined
  let overdue = false
  let changed = Promise.withResolvers<void>()

  async function read(): Promise<void> {
    let position = cursor.offset
    while (!reading.aborted) {
      const entry = await decoded.next(position, reading)
      position = entry.next
      if (entry.kind === 'tick') continue
      onRead(entry.record.frameCount)
      const events = accepted(entry)
      const bytes = events.reduce((sum, { byteLength }) => sum + byteLength, 0)
      const exceeds = batch.events.length + events.length > maxEvents || batch.bytes + bytes > maxBytes
      if (exceeds && batch.events.length > 0) await send()
      add(entry, events, bytes)
      if (isFull()) await send()
      else if (batch.through > batch.from) age ??= setTimeout(sendOverdue, maxAgeMs)
    }
  }

  /** What the lane's own processors leave and the sink takes. */
  function accepted(entry: DecodedRecord): readonly Event[] {
    if (entry.kind === 'repeated') return []
    const events = runProcessors(processors, entry.events, entry.record.receiptTime)
    return events.filter(event => sink.accepts(event))
  }

  function add({ kind, record, next }: DecodedRecord, events: readonly Event[], bytes: number): void {
    const received = record.frameCount
    const left = received - events.length
    batch.through = next
    batch.receiptTime = record.receiptTime
    batch.bytes += bytes
    for (const event of events) batch.events.push(event)
    batch.counts = addLedgers(batch.counts, { received, [kind === 'repeated' ? 'duplicate' : 'filtered']: left })
  }

  function isFull(): boolean {
    const { events, bytes, from, through } = batch
    return events.length >= maxEvents || bytes >= maxBytes || through - from >= maxSpan
  }

  const hasRoom = (): boolean =>
    inFlight.length < maxInFlight && (batch.through - committed <= maxAhead || batch.from === committed)

  /** Resolves when the batch is on its way, as soon as there is room for it; the timer may have been quicker. */
  async function send(): Promise<void> {
    const full = batch
    while (batch === full && !hasRoom() && !signal.aborted) await changed.promise
    if (batch === full) flush()
  }

  function sendOverdue(): void {
    overdue = !hasRoom()
    if (!overdue) flush()
  }

  function flush(): void {
    clearTimeout(age)
    age = undefined
    overdue = false
    if (batch.through === batch.from || signal.aborted) return
    const sent = batch
    batch = newBatch(sent.through)
    inFlight.push(sent)
    const settled = settle(sent)
      .catch((error: unknown) => failing.abort(error))
      .finally(() => {
        settling.delete(settled)
        wake()
      })
    settling.add(settled)
  }

  function wake(): void {
    if (overdue && hasRoom()) flush()
    changed.resolve()
    changed = Promise.withResolvers()
  }

  async function settle(sent: Batch): Promise<void> {
    if (sent.events.length > 0) {
      const outcome = await options.deliver(sent.events, signal, throughOf(sent), sent.from < uncertainTo)
      sent.counts = addLedgers(sent.counts, outcome)
    }
    sent.settled = true
    book()
    await commitBooked()
  }

  /**
   * For a sink that keeps its own cursor: no other batch is in flight, so the books before it are complete. Of its events it knows
   * only that they will be there; the journal's note tells duplicates and dead letters apart.
   */
  function throughOf(sent: Batch): Through | undefined {
    if (sink.cursor === undefined) return undefined
    const note = {
      ledger: addLedgers(addLedgers(ledger, sent.counts), { stored: sent.events.length }),
      receiptTime: sent.receiptTime
    }
    return { position: { partition, offset: sent.through }, note }
  }

  /** Takes what is settled off the front, into the books: there is room for the next batch, whether it is committed yet or not. */
  function book(): void {
    let last: Batch | undefined
    while (inFlight[0]?.settled) {
      last = inFlight.shift()!
      ledger = addLedgers(ledger, last.counts)
    }
    if (last === undefined) return
    booked = { offset: last.through, receiptTime: last.receiptTime }
    wake()
  }

  /** Commits what is booked; one commit at a time, not more often than makes sense, covers all that was booked meanwhile. */
  async function commitBooked(): Promise<void> {
    if (committing) return
    committing = true
    try {
      while (booked !== undefined) {
        const waitMs = committedAt + minCommitMs - performance.now()
        if (waitMs > 0) await pause(waitMs, undefined, { signal: reading }).catch(() => undefined)
        const { offset, receiptTime } = booked
        booked = undefined
        await options.commit(offset, { ledger, receiptTime, ...(offset < uncertainTo ? { uncertainTo } : {}) })
        committed = offset
        committedAt = performance.now()
      }
    } finally {
      committing = false
    }
  }

  try {
    await read()
  } catch (error) {
    if (!options.reading.aborted) failing.abort(error)
  }
  await send()
  clearTimeout(age)
  while (settling.size > 0) await Promise.all(settling)
  await decoded.close()
  signal.throwIfAborted()
}
