import { setTimeout as pause } from 'node:timers/promises'
import type { Cursor, Note, Processor, Sink, Through } from './core/contract.ts'
import type { Event } from './core/event.ts'
import type { Outcome } from './delivery-attempts.ts'
import { type Closed, createLaneBooks, type Share, sharesOf } from './lane-books.ts'
import { type ProcessorMeter, runProcessors } from './run-processors.ts'
import type { DecodedEntry, DecodedReader } from './shared-decode.ts'

export interface RunOptions {
  readonly partition: number
  readonly sink: Sink
  readonly processors: readonly Processor[]
  readonly meter?: ProcessorMeter
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

/** What goes to the sink in one write: whole records' worth, and what stateful processors let go of meanwhile. */
interface Batch {
  readonly from: number
  readonly events: Event[]
  bytes: number
  /** The position after its last record. */
  through: number
  /** Some of it may have come, and been sent, before. */
  doubtful: boolean
}

const newBatch = (from: number): Batch => ({ from, events: [], bytes: 0, through: from, doubtful: false })

/**
 * Reads from a cursor on, makes batches by count, bytes and age, keeps at most `maxInFlight` of them on their way, and commits. A
 * commit's position is always the end of whole records whose frames are all accounted for, so the books balance at every commit.
 * Resolves when `reading` has aborted and all is committed but what processors hold; rejects when anything failed or `signal` aborts.
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
  const books = createLaneBooks(cursor.note.ledger)
  const settling = new Set<Promise<void>>()
  let batch = newBatch(cursor.offset)
  let inFlight = 0
  let closed: Closed = { offset: cursor.offset, receiptTime: cursor.note.receiptTime, ledger: cursor.note.ledger }
  let committed = cursor.offset
  /** What is sent lies before it. */
  let mayReach = cursor.offset + maxAhead
  let committing = false
  let committedAt = Number.NEGATIVE_INFINITY
  let age: NodeJS.Timeout | undefined
  let overdue = false
  let changed = Promise.withResolvers<void>()

  async function read(): Promise<void> {
    let position = cursor.offset
    while (!reading.aborted) {
      const entry = await decoded.next(position, reading)
      position = entry.next
      const events = accepted(entry)
      const bytes = events.reduce((sum, { byteLength }) => sum + byteLength, 0)
      const exceeds = batch.events.length + events.length > maxEvents || batch.bytes + bytes > maxBytes
      if (exceeds && batch.events.length > 0) await send()
      for (const event of events) batch.events.push(event)
      batch.bytes += bytes
      batch.through = entry.next
      if (entry.kind === 'record' && entry.doubtful) batch.doubtful = true
      if (isFull()) await send()
      else if (!isEmpty()) age ??= setTimeout(sendOverdue, maxAgeMs)
    }
  }

  /** What the lane's own processors leave and the sink takes. */
  function accepted(entry: DecodedEntry): readonly Event[] {
    if (entry.kind === 'tick') return processed([], entry.clock)
    const { record } = entry
    onRead(record.frameCount)
    books.read(record)
    if (entry.kind === 'repeated') {
      books.book(record.position, 'duplicate', record.frameCount)
      return processed([], record.receiptTime)
    }
    books.book(record.position, 'filtered', record.frameCount - entry.events.length)
    return processed(entry.events, record.receiptTime)
  }

  function processed(given: readonly Event[], clock: number): readonly Event[] {
    let events = given
    for (const processor of processors) {
      const left = runProcessors([processor], events, clock, options.meter)
      if (processor.stateful !== true) books.filtered(events, left)
      events = left
    }
    const taken = events.filter(event => sink.accepts(event))
    books.filtered(events, taken)
    return taken
  }

  const isEmpty = (): boolean => batch.through === batch.from && batch.events.length === 0

  function isFull(): boolean {
    const { events, bytes, from, through } = batch
    return events.length >= maxEvents || bytes >= maxBytes || through - from >= maxSpan
  }

  const hasRoom = (): boolean => inFlight < maxInFlight && (batch.through <= mayReach || batch.from === committed)

  /** Resolves when the batch is on its way, as soon as there is room for it; the timer may have been quicker. */
  async function send(): Promise<void> {
    const full = batch
    while (batch === full && !hasRoom() && !signal.aborted) {
      if (isHeldBack()) await reachOn()
      else await changed.promise
    }
    if (batch === full) flush()
  }

  function sendOverdue(): void {
    if (signal.aborted) return
    overdue = !hasRoom()
    if (!overdue) flush()
    else if (isHeldBack()) reachOn().catch(() => wake()) // it has ended the run
  }

  /** Nothing is on its way and all is committed that can be: a processor holds back the rest, and lets go only when reading goes on. */
  const isHeldBack = (): boolean => inFlight === 0 && !committing && committed === closed.offset

  /** The next run is told first that what it may have to look up reaches further. */
  async function reachOn(): Promise<void> {
    committing = true
    try {
      await commit(closed, batch.through + maxAhead)
    } finally {
      committing = false
    }
    wake()
  }

  /** `reach`: what will be sent lies before it. */
  async function commit({ offset, ...note }: Closed, reach = mayReach): Promise<void> {
    const reached = reach > offset + maxAhead ? Math.max(reach, uncertainTo) : uncertainTo
    try {
      await options.commit(offset, offset < reached ? { ...note, uncertainTo: reached } : note)
    } catch (error) {
      failing.abort(error)
      throw error
    }
    committed = offset
    committedAt = performance.now()
    mayReach = Math.max(reach, offset + maxAhead)
  }

  function flush(): void {
    clearTimeout(age)
    age = undefined
    overdue = false
    if (isEmpty() || signal.aborted) return
    const sent = batch
    batch = newBatch(sent.through)
    inFlight++
    const settled = settle(sent)
      .catch((error: unknown) => failing.abort(error))
      .finally(() => {
        settling.delete(settled)
        wake()
      })
    settling.add(settled)
  }

  function wake(): void {
    if (overdue) sendOverdue()
    changed.resolve()
    changed = Promise.withResolvers()
  }

  async function settle({ events, from, doubtful }: Batch): Promise<void> {
    if (events.length > 0) {
      const shares = sharesOf(events)
      const first = shares.reduce((least, { position }) => Math.min(least, position), from)
      const uncertain = doubtful || first < uncertainTo
      books.settled(shares, await options.deliver(events, signal, throughOf(shares), uncertain))
    }
    inFlight--
    closed = books.close() ?? closed
    wake()
    await commitClosed()
  }

  /**
   * For a sink that keeps its own cursor: no other batch is in flight. Of its events it knows only that they will be there; the journal's
   * note tells duplicates and dead letters apart.
   */
  function throughOf(shares: readonly Share[]): Through | undefined {
    if (sink.cursor === undefined) return undefined
    const { offset, ...note } = books.closedWith(shares) ?? closed
    return { position: { partition, offset }, note }
  }

  /** One commit at a time, not more often than makes sense, covers all that was closed meanwhile. */
  async function commitClosed(): Promise<void> {
    if (committing) return
    committing = true
    try {
      while (committed < closed.offset && !failing.signal.aborted) {
        const waitMs = committedAt + minCommitMs - performance.now()
        if (waitMs > 0) await pause(waitMs, undefined, { signal: reading }).catch(() => undefined)
        await commit(closed)
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
