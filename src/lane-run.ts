import type { Cursor, Ledger, Note, Processor, Sink, Through } from './core/contract.ts'
import type { Event } from './core/event.ts'
import type { Outcome } from './delivery-attempts.ts'
import { addLedgers, emptyLedger } from './ledger.ts'
import type { DecodedEntry, DecodedReader } from './shared-decode.ts'

export interface RunOptions {
  readonly partition: number
  readonly sink: Sink
  readonly processors: readonly Processor[]
  readonly decoded: DecodedReader
  readonly deliver: (events: readonly Event[], signal: AbortSignal, through: Through | undefined) => Promise<Outcome>
  readonly commit: (offset: number, note: Note) => Promise<void>
  readonly onRead: (frames: number) => void
  /** Ends the run at once; what was not committed will be read again. */
  readonly signal: AbortSignal
  /** Ends the reading; what was read is delivered and committed first. */
  readonly reading: AbortSignal
}

/** Whole records that go to the sink in one write; `through` is the position after them. */
interface Batch {
  readonly events: Event[]
  bytes: number
  through: number
  receiptTime: number
  counts: Ledger
  settled: boolean
}

const newBatch = (): Batch => ({
  events: [],
  bytes: 0,
  through: 0,
  receiptTime: 0,
  counts: emptyLedger,
  settled: false
})

/**
 * Reads from a cursor on, makes batches by count, bytes and age, keeps at most `maxInFlight` of them on their way, and commits
 * them in order. A commit's position is always the end of whole records whose frames are all accounted for, so the books balance
 * at every commit. Resolves when `reading` has aborted and all is committed; rejects when anything failed or `signal` aborts.
 */
export async function deliverFrom(cursor: Cursor, options: RunOptions): Promise<void> {
  const { partition, sink, processors, decoded, onRead } = options
  const { maxEvents, maxBytes, maxAgeMs, maxInFlight } = sink.limits
  const failing = new AbortController()
  const signal = AbortSignal.any([options.signal, failing.signal])
  const reading = AbortSignal.any([signal, options.reading])
  const inFlight: Batch[] = []
  const settling = new Set<Promise<void>>()
  let batch = newBatch()
  let ledger = cursor.note.ledger
  let committing = false
  let age: NodeJS.Timeout | undefined
  let overdue = false
  let roomFreed = Promise.withResolvers<void>()

  function add(entry: Exclude<DecodedEntry, { kind: 'tick' }>): void {
    const { record } = entry
    const received = record.frameCount
    batch.through = entry.next
    batch.receiptTime = record.receiptTime
    if (entry.kind === 'repeated') {
      batch.counts = addLedgers(batch.counts, { received, duplicate: received })
      return
    }
    let { events } = entry
    for (const processor of processors) events = processor.process(events, record.receiptTime)
    let taken = 0
    for (const event of events) {
      if (!sink.accepts(event)) continue
      batch.events.push(event)
      batch.bytes += event.byteLength
      taken++
    }
    batch.counts = addLedgers(batch.counts, { received, filtered: received - taken })
  }

  async function settle(sent: Batch): Promise<void> {
    if (sent.events.length > 0) {
      const outcome = await options.deliver(sent.events, signal, throughOf(sent))
      sent.counts = addLedgers(sent.counts, outcome)
    }
    sent.settled = true
    await commitSettled()
  }

  /** For a sink that keeps its own cursor: one batch is in flight, so the books before it are complete. */
  function throughOf(sent: Batch): Through | undefined {
    if (sink.cursor === undefined) return undefined
    const note = {
      ledger: addLedgers(addLedgers(ledger, sent.counts), { stored: sent.events.length }),
      receiptTime: sent.receiptTime
    }
    return { position: { partition, offset: sent.through }, note }
  }

  /** Commits what is settled from the front on; one commit at a time covers all that settled meanwhile. */
  async function commitSettled(): Promise<void> {
    if (committing) return
    committing = true
    try {
      while (inFlight[0]?.settled) {
        let last = inFlight[0]
        while (inFlight[0]?.settled) {
          last = inFlight.shift()!
          ledger = addLedgers(ledger, last.counts)
        }
        if (sink.cursor === undefined) roomFreed.resolve()
        await options.commit(last.through, { ledger, receiptTime: last.receiptTime })
      }
    } finally {
      committing = false
    }
    if (overdue && inFlight.length < maxInFlight) flush()
    roomFreed.resolve()
  }

  function flush(): void {
    clearTimeout(age)
    age = undefined
    overdue = false
    if (batch.through === 0) return
    const sent = batch
    batch = newBatch()
    inFlight.push(sent)
    const settled = settle(sent)
      .catch((error: unknown) => failing.abort(error))
      .finally(() => settling.delete(settled))
    settling.add(settled)
  }

  async function room(): Promise<void> {
    while (inFlight.length >= maxInFlight) {
      signal.throwIfAborted()
      roomFreed = Promise.withResolvers<void>()
      await roomFreed.promise
    }
  }

  const wake = (): void => roomFreed.resolve()
  signal.addEventListener('abort', wake)
  try {
    let position = cursor.offset
    while (!reading.aborted) {
      const entry = await decoded.next(position, reading)
      position = entry.next
      if (entry.kind === 'tick') continue
      onRead(entry.record.frameCount)
      if (batch.events.length > 0 && batch.bytes + entry.record.bytes.length > maxBytes) {
        await room()
        flush()
      }
      add(entry)
      if (batch.events.length >= maxEvents || batch.bytes >= maxBytes) {
        await room()
        flush()
      } else {
        age ??= setTimeout(() => {
          if (inFlight.length < maxInFlight) flush()
          else overdue = true
        }, maxAgeMs)
      }
    }
  } catch (error) {
    if (signal.aborted || !options.reading.aborted) throw signal.aborted ? signal.reason : error
  } finally {
    clearTimeout(age)
    signal.removeEventListener('abort', wake)
  }
  await room()
  flush()
  while (settling.size > 0) await Promise.all(settling)
  signal.throwIfAborted()
}
