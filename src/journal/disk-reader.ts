import type { Cursor, Entry, Note, Position } from '../core/contract.ts'
import { CulvertError } from '../core/errors.ts'
import { emptyNote, keepDamagedCursor, readCursor, writeCursor } from './cursors.ts'
import type { JournalEnd, WorkerJournal } from './journal.ts'
import { createPartitionReader, type OnDamage, type PartitionReader } from './partition-reader.ts'

export interface DiskReaderOptions {
  /** The data directory. */
  readonly dir: string
  /** `ends()` of the main thread's half. */
  readonly ends: readonly JournalEnd[]
  /** RECORD_DAMAGED: a stretch of a segment was skipped; CURSOR_DAMAGED: a lane begins at the oldest record. For the log. */
  readonly onDamage: OnDamage
}

/** The delivery worker's half of the disk journal: shares nothing with the other but the files and what `advance` tells. */
export function createDiskReader(options: DiskReaderOptions): WorkerJournal {
  const { dir, ends, onDamage } = options
  const partitions = new Map<number, PartitionReader>()
  const commits = new Map<string, Promise<void>>()
  const stopping = new AbortController()
  for (const end of ends) advance(end)

  function advance(end: JournalEnd): void {
    const reader = partitions.get(end.partition)
    if (reader === undefined) partitions.set(end.partition, createPartitionReader({ dir, end, onDamage }))
    else reader.advance(end)
  }

  function partitionOf(partition: number): PartitionReader {
    const reader = partitions.get(partition)
    if (reader === undefined) throw new RangeError(`the journal has no partition ${partition}`)
    return reader
  }

  /** One after the other for each cursor file. */
  function commit(lane: string, position: Position, note: Note): Promise<void> {
    const key = `${position.partition}.${lane}`
    const before = commits.get(key) ?? Promise.resolve()
    const done = before.catch(() => undefined).then(() => writeCursor(dir, lane, position, note))
    commits.set(key, done)
    return done
  }

  return {
    advance,
    read: (partition: number, from: number, signal: AbortSignal): AsyncIterable<Entry> =>
      partitionOf(partition).read(from, AbortSignal.any([signal, stopping.signal])),
    commit,
    receivedAt: (partition, position) => partitionOf(partition).receivedAt(position),
    positionAt: (partition, time) => partitionOf(partition).positionAt(time),
    bounds: partition => partitionOf(partition).end,

    /** Whoever cannot say how far a lane has come begins it at the oldest record that is kept; all of it may have been sent. */
    async cursor(lane: string, partition: number): Promise<Cursor | undefined> {
      try {
        return await readCursor(dir, lane, partition)
      } catch (error) {
        if (!(error instanceof CulvertError && error.code === 'CURSOR_DAMAGED')) throw error
        onDamage(error)
        await keepDamagedCursor(dir, lane, partition)
        const { oldest, end } = partitionOf(partition).end
        return { offset: oldest, note: { ...emptyNote, uncertainTo: end } }
      }
    },

    /** Ends every read, and waits for the commits that are on their way. */
    async stop(): Promise<void> {
      stopping.abort()
      await Promise.allSettled(commits.values())
      await Promise.all(Array.from(partitions.values(), reader => reader.close()))
    }
  }
}
