import type { Entry, JournalReader, Processor } from './core/contract.ts'
import type { Event } from './core/event.ts'
import type { RecordView } from './core/record.ts'
import { orAbort } from './or-abort.ts'
import { type ProcessorMeter, runProcessors } from './run-processors.ts'

/** A record after decoding and the processors that all lanes share. */
export interface Decoded {
  readonly kind: 'record'
  readonly record: RecordView
  readonly events: readonly Event[]
  readonly next: number
  /** It may have come before: see Entry. */
  readonly doubtful?: boolean
}

export type DecodedRecord = Decoded | { readonly kind: 'repeated'; readonly record: RecordView; readonly next: number }
export type DecodedEntry = DecodedRecord | { readonly kind: 'tick'; readonly clock: number; readonly next: number }

export interface SharedDecodeOptions {
  readonly reader: JournalReader
  readonly partition: number
  readonly decode: (record: RecordView) => readonly Event[]
  readonly processors: readonly Processor[]
  readonly meter?: ProcessorMeter
  /**
   * Sees what the head gives, in order and no record twice; never what a lagging lane decodes again. `given` is what the processors were given.
   */
  readonly onHead: (entry: DecodedEntry, given: readonly Event[]) => void
  /** Memory of the records that are kept for lanes near the head. */
  readonly maxBytes?: number
}

/** A lane's way through the partition. */
export interface DecodedReader {
  /** The entry at `position`; a tick where there is nothing yet; rejects when `signal` aborts. One call at a time. */
  next(position: number, signal: AbortSignal): Promise<DecodedEntry>
  /** Lets go of what is open; the reader may be used again. */
  close(): Promise<void>
  /** The lane is gone: nothing is kept for it any more. */
  end(): Promise<void>
}

interface Pulled {
  readonly entry: DecodedEntry
  readonly given: readonly Event[]
}

const nothing: readonly Event[] = []

/** What a decoded frame takes besides its bytes, about. */
const bytesPerEvent = 400
const costOf = ({ record }: DecodedRecord): number => record.bytes.length + record.frameCount * bytesPerEvent

/**
 * Decodes each record once for all lanes in step. The head reads on as soon as any lane wants what comes next; what it decoded
 * stays until all have passed it, bounded in bytes. A lane that has fallen out of that window reads and decodes on its own until it
 * is well within it again.
 */
export function createSharedDecode(options: SharedDecodeOptions) {
  const { reader, partition, decode, processors, meter, onHead, maxBytes = 32 * 2 ** 20 } = options
  const kept = new Map<number, DecodedRecord>()
  let keptBytes = 0
  const places = new Set<{ position: number }>()
  const closing = new AbortController()
  let head: { readonly walk: Walk; pulling: Promise<DecodedEntry> | undefined } | undefined
  let lanePulledAt = 0

  function decoded(entry: Entry): Pulled {
    if ('tick' in entry) return { entry: { kind: 'tick', clock: entry.tick, next: entry.position }, given: nothing }
    if ('repeated' in entry) {
      const record = entry.repeated
      return { entry: { kind: 'repeated', record, next: record.nextPosition }, given: nothing }
    }
    const { record, doubtful = false } = entry
    const given = decode(record)
    const events = runProcessors(processors, given, record.receiptTime, meter)
    return { entry: { kind: 'record', record, events, next: record.nextPosition, doubtful }, given }
  }

  /** One reading from `from` on. After an error it must not be used: it may have passed the record at fault. */
  function createWalk(from: number, signal: AbortSignal) {
    const entries = reader.read(partition, from, signal)[Symbol.asyncIterator]()
    let next = from
    return {
      get next() {
        return next
      },
      async pull(): Promise<Pulled> {
        const { value, done } = await entries.next()
        if (done) throw new DOMException('the journal’s reader ended', 'AbortError')
        const pulled = decoded(value)
        next = pulled.entry.next
        return pulled
      },
      async close(): Promise<void> {
        await entries.return?.()
      }
    }
  }
  type Walk = ReturnType<typeof createWalk>

  function beginHead(position: number): void {
    head?.walk.close().catch(() => undefined)
    head = { walk: createWalk(position, closing.signal), pulling: undefined }
  }

  /** The next entry of the head, whoever wants it; the head begins at `position` where it has not come so far. */
  function pullHead(position: number): Promise<DecodedEntry> {
    if (head === undefined || position > head.walk.next) beginHead(position)
    const current = head!
    current.pulling ??= pull(current).finally(() => {
      current.pulling = undefined
    })
    return current.pulling
  }

  async function pull(current: NonNullable<typeof head>): Promise<DecodedEntry> {
    const { next } = current.walk
    try {
      const { entry, given } = await current.walk.pull()
      if (head !== current) return entry
      if (entry.kind !== 'tick') keep(entry)
      onHead(entry, given)
      return entry
    } catch (error) {
      if (head === current) beginHead(next)
      throw error
    }
  }

  function keep(entry: DecodedRecord): void {
    kept.set(entry.record.position, entry)
    keptBytes += costOf(entry)
    forget()
  }

  /** What all lanes have passed, and what is too much. */
  function forget(): void {
    let last = Number.POSITIVE_INFINITY
    for (const { position } of places) last = Math.min(last, position)
    for (const [position, entry] of kept) {
      if (keptBytes <= maxBytes && position >= last) break
      kept.delete(position)
      keptBytes -= costOf(entry)
    }
  }

  /** Whether what a lane wants next will not be forgotten soon. */
  function isNear(position: number): boolean {
    const end = head?.walk.next ?? 0
    const [oldest = end] = kept.keys()
    return keptBytes <= maxBytes / 2 || position >= (oldest + end) / 2
  }

  return {
    get keptBytes() {
      return keptBytes
    },

    /** Where a lane will begin: the head is at the most advanced. A lane before it catches up on its own. */
    begin(position: number): void {
      if (head === undefined || position > head.walk.next) beginHead(position)
    },

    /** A lane's own reader; each lane has one. */
    createReader(): DecodedReader {
      const place = { position: 0 }
      places.add(place)
      let own: Walk | undefined
      const leave = async (): Promise<void> => {
        const left = own
        own = undefined
        await left?.close()
      }
      return {
        async next(position, signal) {
          signal.throwIfAborted()
          place.position = position
          forget()
          const known = own === undefined || isNear(position) ? kept.get(position) : undefined
          if (known !== undefined) {
            await leave()
            return known
          }
          if (head === undefined || position >= head.walk.next) {
            await leave()
            const entry = await orAbort(pullHead(position), signal)
            lanePulledAt = performance.now()
            return entry
          }
          if (own?.next !== position) {
            await leave()
            own = createWalk(position, signal)
          }
          try {
            return (await own.pull()).entry
          } catch (error) {
            await leave()
            throw error
          }
        },
        close: leave,
        end() {
          places.delete(place)
          forget()
          return leave()
        }
      }
    },

    /**
     * Reads on when every lane stands still, so that the tail and the charts stay alive while a store is down. Gives up after
     * `maxRecords`; the caller calls again.
     */
    async follow(end: number, stalledMs: number, maxRecords: number): Promise<void> {
      if (performance.now() - lanePulledAt < stalledMs) return
      for (let i = 0; i < maxRecords; i++) {
        if (head === undefined || head.pulling !== undefined || head.walk.next >= end) return
        await pullHead(head.walk.next)
      }
    },

    /** Resolves when the head has come to `position`, whoever wants what lies before it: nothing is committed that no head has seen. */
    async readTo(position: number): Promise<void> {
      while (head !== undefined && head.walk.next < position) {
        const { kind } = await pullHead(head.walk.next)
        if (kind === 'tick') return
      }
    },

    close(): void {
      closing.abort()
      head?.walk.close().catch(() => undefined)
      kept.clear()
      keptBytes = 0
    }
  }
}
export type SharedDecode = ReturnType<typeof createSharedDecode>
