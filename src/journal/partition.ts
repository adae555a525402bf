import type { FileHandle } from 'node:fs/promises'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createGroupCommit, type DataSync, type Tail } from './group-commit.ts'
import type { JournalEnd } from './journal.ts'
import type { RecoveredPartition, Segment } from './recover.ts'
import { createSegment, segmentHeaderBytes, segmentName } from './segment.ts'

export interface PartitionOptions {
  readonly partition: number
  readonly directory: string
  readonly recovered: RecoveredPartition
  /** The partition goes on here, or behind the recovered records where they reach further. */
  readonly from: { readonly offset: number; readonly receiptTime: number }
  readonly segmentBytes: number
  readonly datasync: DataSync
  readonly onSync: () => void
}

/**
 * The segments of one partition: records are added at the end, whole segments go at the beginning. The first append makes a segment of
 * its own, so a journal opens on a full disk too, and its lanes make room.
 */
export function createPartition(options: PartitionOptions) {
  const { partition, directory, recovered, from, segmentBytes } = options
  const segments = recovered.segments
  let end = Math.max(from.offset, segments.at(-1)?.end ?? 0)
  let newest = Math.max(from.receiptTime, segments.at(-1)?.newest ?? 0)
  let handle: FileHandle | undefined
  let records = 0
  let syncs = 0

  const commits = createGroupCommit({
    position: end,
    receiptTime: newest,
    datasync: options.datasync,
    beginTail: beginSegment,
    synced(to, receiptTime, count, posts) {
      const last = segments.at(-1)!
      end = last.end = to
      newest = last.newest = receiptTime
      if (posts) last.newestPost = receiptTime
      records += count
      syncs++
      options.onSync()
    }
  })

  /** The header of the new segment is what closes the one before. */
  async function beginSegment(base: number): Promise<Tail> {
    const previous = segments.at(-1)
    // A segment in which nothing was written is about to go: then the good records end in the one before.
    const good = segments.findLast(segment => segment.end > segment.base)
    const header = { base, previousEnd: good?.end ?? previous?.base ?? base, previousTime: newest }
    const created = await createSegment(directory, header)
    const closing = handle
    handle = created
    if (previous !== undefined && previous.end === previous.base) segments.pop()
    const segment = { base, end: base, newest, newestPost: 0 }
    segments.push(segment)
    if (previous !== undefined) await closeSegment(previous, closing, base)
    return {
      handle: created,
      offsetOf: position => position - base + segmentHeaderBytes,
      room: position => (position === segment.end ? base + segmentBytes - position : 0)
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
      oldest: segments[0]?.base ?? end,
      end,
      segment: segments.at(-1)?.base ?? end,
      time: commits.time()
    }),
    /** The oldest segment that can go; never the one that is being written. */
    oldest: (): Segment | undefined => (segments.length > 1 ? segments[0] : undefined),
    /** Where the oldest segment ends for a lane that gives it up. */
    secondBase: (): number | undefined => segments[1]?.base,
    /** Takes the oldest segment out; readers that have it open may finish it. */
    dropOldest(): Promise<void> {
      const { base } = segments.shift()!
      return rm(join(directory, segmentName(base)), { force: true })
    },
    bytes: (): number => segments.reduce((sum, s) => sum + s.end - s.base + segmentHeaderBytes, commits.pendingBytes()),
    records: (): number => records,
    syncs: (): number => syncs,
    async stop(): Promise<void> {
      await commits.idle()
      const closed = commits.written().then(() => handle?.close().catch(() => undefined))
      if (!commits.hangs()) await closed
    }
  }
}
export type Partition = ReturnType<typeof createPartition>
