import type { Entry, JournalReader, Processor } from './core/contract.ts'
import type { Event } from './core/event.ts'
import type { RecordView } from './core/record.ts'

/** A record after decoding and the processors that all lanes share. */
export interface Decoded {
  readonly kind: 'record'
  readonly record: RecordView
  readonly events: readonly Event[]
  readonly next: number
}

export type DecodedEntry =
  | Decoded
  | { readonly kind: 'repeated'; readonly record: RecordView; readonly next: number }
  | { readonly kind: 'tick'; readonly clock: number; readonly next: number }

export interface SharedDecodeOptions {
  readonly reader: JournalReader
  readonly partition: number
  readonly decode: (record: RecordView) => readonly Event[]
  readonly processors: readonly Processor[]
  /** Sees every record once, in order, when the head is decoded; never what a lagging lane decodes again. */
  readonly onHead: (decoded: Decoded) => void
  /** Bytes of records kept for lanes near the head. */
  readonly maxBytes?: number
}

/** A lane's way through the partition. */
export interface DecodedReader {
  /** The entry at `position`; a tick where there is nothing yet; rejects when `signal` aborts. */
  next(position: number, signal: AbortSignal): Promise<DecodedEntry>
}

/**
 * Decodes each record once for all lanes in step. The head reads on as soon as any lane wants what comes next; what it decoded
 * stays for the others, bounded in bytes. A lane that has fallen out of that window reads and decodes on its own until it is back.
 */
export function createSharedDecode(options: SharedDecodeOptions) {
  const { reader, partition, decode, processors, onHead, maxBytes = 32 * 1024 * 1024 } = options
  const kept = new Map<number, DecodedEntry>()
  let keptBytes = 0
  const closing = new AbortController()
  let head:
    | { readonly entries: AsyncIterator<Entry>; next: number; pulling: Promise<DecodedEntry> | undefined }
    | undefined
  let pulledAt = 0

  function decoded(entry: Entry): DecodedEntry {
    if ('tick' in entry) return { kind: 'tick', clock: entry.tick, next: entry.position }
    if ('repeated' in entry) return { kind: 'repeated', record: entry.repeated, next: entry.repeated.nextPosition }
    const { record } = entry
    let events = decode(record)
    for (const processor of processors) events = processor.process(events, record.receiptTime)
    return { kind: 'record', record, events, next: record.nextPosition }
  }

  const iterate = (from: number, signal: AbortSignal): AsyncIterator<Entry> =>
    reader.read(partition, from, signal)[Symbol.asyncIterator]()

  function keep(position: number, entry: DecodedEntry): void {
    if (entry.kind === 'tick') return
    kept.set(position, entry)
    keptBytes += entry.record.bytes.length
    for (const [oldest, { next }] of kept) {
      if (keptBytes <= maxBytes) break
      kept.delete(oldest)
      keptBytes -= next - oldest
    }
  }

  async function pull(current: NonNullable<typeof head>): Promise<DecodedEntry> {
    const { value, done } = await current.entries.next()
    if (done) throw new DOMException('the journal’s reader ended', 'AbortError')
    const entry = decoded(value)
    pulledAt = performance.now()
    if (entry.kind === 'record') {
      keep(entry.record.position, entry)
      onHead(entry)
    } else if (entry.kind === 'repeated') keep(entry.record.position, entry)
    current.next = entry.next
    return entry
  }

  function pullHead(): Promise<DecodedEntry> {
    const current = head
    if (current === undefined) throw new Error('the head has no position yet')
    current.pulling ??= pull(current).finally(() => {
      current.pulling = undefined
    })
    return current.pulling
  }

  return {
    /** Where the head begins: the cursor of the first lane that is ready. A lane before it catches up on its own. */
    begin(position: number): void {
      head ??= { entries: iterate(position, closing.signal), next: position, pulling: undefined }
    },

    /** A lane's own reader; each lane has one. */
    createReader(): DecodedReader {
      let own: { readonly entries: AsyncIterator<Entry>; next: number } | undefined
      const leave = async (): Promise<void> => {
        const left = own
        own = undefined
        await left?.entries.return?.()
      }
      return {
        async next(position, signal) {
          signal.throwIfAborted()
          const known = kept.get(position)
          if (known !== undefined) {
            if (own !== undefined) await leave()
            return known
          }
          if (position === head?.next) {
            if (own !== undefined) await leave()
            return await orAbort(pullHead(), signal)
          }
          if (own?.next !== position) {
            await leave()
            own = { entries: iterate(position, signal), next: position }
          }
          const { value, done } = await own.entries.next()
          if (done) throw new DOMException('the journal’s reader ended', 'AbortError')
          const entry = decoded(value)
          own.next = entry.next
          return entry
        }
      }
    },

    /**
     * Reads on when every lane stands still, so that the tail and the charts stay alive while a store is down. Gives up after
     * `maxRecords`; the caller calls again.
     */
    async follow(end: number, stalledMs: number, maxRecords: number): Promise<void> {
      for (let i = 0; i < maxRecords; i++) {
        if (head === undefined || head.pulling !== undefined || head.next >= end) return
        if (i === 0 && performance.now() - pulledAt < stalledMs) return
        await pullHead()
      }
    },

    close(): void {
      closing.abort()
      kept.clear()
      keptBytes = 0
    }
  }
}
export type SharedDecode = ReturnType<typeof createSharedDecode>

/** The promise, or a rejection as soon as the signal aborts; the promise itself goes on for others. */
function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
