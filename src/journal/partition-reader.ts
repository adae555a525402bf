import type { Entry } from '../core/contract.ts'
import { CulvertError, messageOf } from '../core/errors.ts'
import { headerBytes, RecordView } from '../core/record.ts'
import { createDamagedBytes, type DamagedStretch } from './damaged-bytes.ts'
import type { JournalEnd } from './journal.ts'
import { doubtUntil, postsBefore } from './posts-before.ts'
import { createRepeats, postIn } from './repeats.ts'
import { type Found, findRecords, lengthOfRecord } from './seal.ts'
import { partitionDirectory } from './segment.ts'
import { createSegmentFiles } from './segment-files.ts'

/** One read takes so much, or one record where that is larger. */
const readBytes = 2 ** 20
/** Of a disk with more damage than this, people have heard enough. */
const maxReported = 10_000

export interface PartitionReaderOptions {
  readonly dir: string
  readonly end: JournalEnd
  readonly onDamage: OnDamage
}

/** RECORD_DAMAGED comes with the stretch. */
export type OnDamage = (error: CulvertError, stretch?: DamagedStretch) => void

/** What was found, and in what. */
interface Chunk extends Found {
  readonly position: number
  readonly bytes: Buffer
}

/** Reads one partition, for any number of lanes at different positions. */
export function createPartitionReader(options: PartitionReaderOptions) {
  const { onDamage } = options
  const { partition } = options.end
  const directory = partitionDirectory(options.dir, partition)
  const files = createSegmentFiles(directory)
  const waiting = new Set<() => void>()
  const reported = new Set<number>()
  const keepCopy = createDamagedBytes(options.dir)
  let end = options.end

  function advance(to: JournalEnd): void {
    if (to.oldest !== end.oldest) void files.closeUnused(to.oldest)
    end = to
    for (const wake of waiting) wake()
    waiting.clear()
  }

  /** Resolves when `advance` was called since `seen` was the end, or when `signal` aborts. */
  function changed(seen: JournalEnd, signal: AbortSignal): Promise<void> {
    if (end !== seen || signal.aborted) return Promise.resolve()
    return new Promise(resolve => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake)
        waiting.delete(wake)
        void resolve()
      }
      waiting.add(wake)
      signal.addEventListener('abort', wake)
    })
  }

  /**
   * Where `from` was removed (the lane may skip) the next kept record follows. A `from` behind the end belongs to a journal that is
   * gone, so reading begins at the oldest record: what was stored of it is recognised by its ids.
   * Throws JOURNAL_FAILING when the disk cannot be read: nothing is passed over for it.
   */
  async function* read(from: number, signal: AbortSignal): AsyncGenerator<Entry> {
    const repeats = createRepeats()
    let position = from > end.end ? end.oldest : from
    let remembered = false
    let doubtTo = 0
    let receiptTime = 0
    let size = readBytes
    try {
      while (!signal.aborted) {
        const seen = end
        if (position >= seen.end) {
          yield { tick: Math.max(seen.time, receiptTime), position }
          await changed(seen, signal)
          continue
        }
        const { base, next } = await files.locate(position, seen)
        const limit = next?.previousEnd ?? seen.end
        position = Math.max(position, base)
        const found = await chunk(base, position, limit, size)
        if (found === undefined) continue
        if (found.damage.length > 0) await report(found)
        if (!remembered) {
          remembered = true
          const time = found.records[0]?.readDoubleLE(24) ?? seen.time
          for await (const post of postsBefore({ files, end: seen, position, time, signal })) repeats.seen(post)
          doubtTo = await doubtUntil(files, seen)
        }
        for (const bytes of found.records) {
          if (signal.aborted) return
          const record = new RecordView(bytes, partition)
          receiptTime = record.receiptTime
          const post = postIn(record)
          if (post === undefined) yield { record }
          else yield repeats.seen(post) ? { repeated: record } : { record, doubtful: receiptTime <= doubtTo }
        }
        size = Math.max(readBytes, found.wanted)
        position = found.next
      }
    } catch (cause) {
      if (cause instanceof CulvertError) throw cause
      throw new CulvertError('JOURNAL_FAILING', `The journal in ${directory} could not be read: ${messageOf(cause)}.`, {
        cause,
        retryable: true
      })
    }
  }

  /** Reads no more than a header. */
  async function receivedAt(from: number): Promise<number | undefined> {
    const seen = end
    if (from >= seen.end) return undefined
    const { base, next } = await files.locate(from, seen)
    const limit = next?.previousEnd ?? seen.end
    const position = Math.max(from, base)
    const header = await files.read(base, position, Buffer.allocUnsafeSlow(headerBytes))
    if (header === undefined || lengthOfRecord(header, 0, position, limit) === 0) return undefined
    return header.readDoubleLE(24)
  }

  /** Reads the one segment in which the first record lies that was received at `time` (ms) or later, as far as that record. */
  async function positionAt(time: number): Promise<number> {
    const seen = end
    const before = await files.lastBefore(seen, ({ previousTime }) => previousTime < time)
    let position = Math.max(seen.oldest, before ?? 0)
    let size = readBytes
    while (position < seen.end) {
      const { base, next } = await files.locate(position, seen)
      const limit = next?.previousEnd ?? seen.end
      position = Math.max(position, base)
      const found = await chunk(base, position, limit, size)
      if (found === undefined) continue
      const record = found.records.find(bytes => bytes.readDoubleLE(24) >= time)
      if (record !== undefined) return record.readDoubleLE(16)
      size = Math.max(readBytes, found.wanted)
      position = found.next
    }
    return seen.end
  }

  /** Events keep references into their record's bytes, so every chunk is a buffer of its own. */
  async function chunk(base: number, position: number, limit: number, size: number): Promise<Chunk | undefined> {
    const wanted = Math.min(size, limit - position)
    const bytes = await files.read(base, position, Buffer.allocUnsafeSlow(wanted))
    if (bytes === undefined) return undefined
    if (bytes.length === wanted) return { ...findRecords(bytes, position, limit), position, bytes }
    const found = findRecords(bytes, position, position + bytes.length)
    const missing = { position: position + bytes.length, bytes: limit - position - bytes.length }
    return { records: found.records, damage: [...found.damage, missing], next: limit, wanted: 0, position, bytes }
  }

  /** Once, however many lanes come by. */
  async function report(found: Chunk): Promise<void> {
    for (const { position, bytes } of found.damage) {
      if (reported.has(position) || reported.size >= maxReported) continue
      reported.add(position)
      const from = position - found.position
      const kept = await keepCopy(partition, position, found.bytes.subarray(from, from + bytes))
      const where = `at position ${position} of partition ${partition}`
      const copy = 'copy' in kept ? `a copy is in ${kept.copy}` : `no copy was kept: ${kept.problem}`
      const sentence = `${bytes} bytes ${where} are no whole record and were skipped; ${copy}.`
      onDamage(new CulvertError('RECORD_DAMAGED', sentence), { partition, position, bytes, ...kept })
    }
  }

  return {
    advance,
    read,
    receivedAt,
    positionAt,
    close: files.close,
    get end(): JournalEnd {
      return end
    }
  }
}
export type PartitionReader = ReturnType<typeof createPartitionReader>
