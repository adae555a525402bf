import type { FileHandle } from 'node:fs/promises'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createGroupCommit, type DataSync, type Tail } from './group-commit.ts'
import type { JournalEnd } from './journal.ts'
import type { RecoveredPartition } from './recover.ts'
import { createRemoval } from './removal.ts'
import { createSegment, segmentHeaderBytes, segmentName } from './segment.ts'
import { createSegmentRow, never, type Segment } from './segment-row.ts'

export interface PartitionOptions {
  readonly partition: number
  readonly directory: string
  readonly recovered: RecoveredPartition
  /** The partition goes on here, or behind the recovered records where they reach further. */
  readonly from: { readonly offset: number; readonly receiptTime: number }
  /** For the next segment. */
  readonly segmentBytes: () => number
  readonly datasync: DataSync
  readonly onSync: () => void
  readonly onDiskFull: () => void
}

/**
 * The segments of one partition: records are added at the end, whole segments go at the beginning. The first append makes a segment of
 * its own, so a journal opens on a full disk too, and its lanes make room.
 */
export function createPartition(options: PartitionOptions) {
  const { partition, directory, recovered, from, segmentBytes } = options
  const removal = createRemoval()
  const row = createSegmentRow(recovered.segments)
  let end = Math.max(from.offset, row.last()?.end ?? 0)
  let newest = Math.max(from.receiptTime, row.last()?.newest ?? 0)
  let { newestPost, posts } = recovered
  let handle: FileHandle | undefined
  let records = 0
  let syncs = 0

  const commits = createGroupCommit({
    position: end,
    receiptTime: newest,
    datasync: options.datasync,
    beginTail: beginSegment,
    diskFull: options.onDiskFull,
    synced(group) {
      const last = row.last()!
      if (last.end === last.base) last.first = group.first
      end = last.end = group.end
      newest = last.newest = group.newest
      last.writtenAt = performance.now()
      records += group.records
      if (group.posts > 0) {
        posts += group.posts
        newestPost = group.newest
        last.postAt = last.writtenAt
      }
      syncs++
      options.onSync()
    }
  })

  /** The header of the new segment is what closes the one before. */
  async function beginSegment(base: number): Promise<Tail> {
    const previous = row.last()
    // A segment in which nothing was written is about to go: then the good records end in the one before.
    const good = row.lastWritten()
    const previousEnd = good?.end ?? previous?.base ?? base
    const header = { base, previousEnd, previousTime: newest, previousPost: newestPost, posts }
    const created = await createSegment(directory, header)
    const closing = handle
    handle = created
    if (previous !== undefined && previous.end === previous.base) row.removeLast()
    const segment = { base, end: base, first: newest, newest, writtenAt: never, postAt: never, before: 0 }
    row.add(segment)
    if (previous !== undefined) await closeSegment(previous, closing, base)
    const most = segmentBytes()
    return {
      handle: created,
      offsetOf: position => position - base + segmentHeaderBytes,
      room: position => (position === segment.end ? base + most - position : 0)
    }
  }

  /** A failure here costs no good record: what is left behind only takes space. */
  async function closeSegment(segment: Segment, closing: FileHandle | undefined, next: number): Promise<void> {
    try {
      if (next !== segment.end) await closing?.truncate(segment.end - segment.base + segmentHeaderBytes)
      if (segment.end === segment.base && segment.base !== next) await rm(join(directory, segmentName(segment.base)))
    } catch {}
    await closing?.close().catch(() => undefined)
  }

  return {
    partition,
    append: commits.append,
    failure: commits.failure,
    pendingBytes: commits.pendingBytes,
    end: (): JournalEnd => ({
      partition,
      oldest: row.oldest()?.base ?? end,
      end,
      segment: row.last()?.base ?? end,
      time: commits.time()
    }),
    /** The oldest segment that can go; never the one that is being written. */
    oldest: (): Segment | undefined => (row.second() === undefined ? undefined : row.oldest()),
    /** Where the oldest segment ends for a lane that gives it up. */
    secondBase: (): number | undefined => row.second()?.base,
    /** Takes the oldest segment out; readers that have it open may finish it. */
    dropOldest(): void {
      const oldest = row.removeOldest()
      if (oldest !== undefined) removal.remove(join(directory, segmentName(oldest.base)))
    },
    /** Receipt time of the oldest record that is kept, ms; undefined where there is none. */
    since(): number | undefined {
      const oldest = row.oldest()
      return oldest === undefined || oldest.end === oldest.base ? undefined : oldest.first
    },
    bytes: (): number => row.bytes() + commits.pendingBytes(),
    /** Of segments that could go, were `position` where the slowest lane is. */
    bytesTo: row.bytesTo,
    records: (): number => records,
    syncs: (): number => syncs,
    async stop(): Promise<void> {
      await commits.idle()
      await removal.stop()
      const closed = commits.written().then(() => handle?.close().catch(() => undefined))
      if (!commits.hangs()) await closed
    }
  }
}
export type Partition = ReturnType<typeof createPartition>
