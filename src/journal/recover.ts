import { open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { maxRecordBytes } from '../core/identity.ts'
import { isPost } from '../core/record.ts'
import { temporarySuffix } from './durable.ts'
import type { Recovery } from './journal.ts'
import { findRecords } from './seal.ts'
import { listSegments, readSegmentStarts, type SegmentStart, segmentHeaderBytes, segmentName } from './segment.ts'
import type { Segment } from './segment-row.ts'

export interface RecoveredPartition extends Recovery {
  readonly segments: readonly Segment[]
  /** Receipt time that no POST in the segments exceeds, ms, and how many there were up to now. */
  readonly newestPost: number
  readonly posts: number
}

const scanBytes = 2 ** 20

/**
 * Reads what an earlier process left in a partition's directory. All but the last segment were closed in order, so their successor's
 * header says where they end; the last one is searched record by record, and what follows its last good record is a torn write.
 * Nothing in the file is changed: the next segment's header is what cuts the tail off.
 */
export async function recoverPartition(directory: string): Promise<RecoveredPartition> {
  for (const name of await readdir(directory)) {
    if (name.endsWith(temporarySuffix)) await rm(join(directory, name))
  }
  const starts = await readSegmentStarts(directory, await listSegments(directory))
  const segments: Segment[] = []
  let [newest, newestPost, posts, damaged, tornBytes] = [0, 0, 0, 0, 0]
  for (const [i, start] of starts.entries()) {
    const next = starts[i + 1]
    if (start.damaged) damaged++
    else [newest, newestPost, posts] = [start.previousTime, start.previousPost, start.posts]
    if (next !== undefined && !next.damaged) {
      const end = Math.max(start.base, next.previousEnd)
      segments.push(segmentOf(start, end, next.previousTime, next.previousPost))
      continue
    }
    const scan = await scanSegment(directory, start.base)
    newest = Math.max(newest, scan.newest)
    newestPost = Math.max(newestPost, scan.newestPost)
    posts += scan.posts
    segments.push(segmentOf(start, scan.end, newest, newestPost))
    damaged += scan.damaged
    tornBytes += scan.tornBytes
  }
  return { segments, newestPost, posts, damaged, tornBytes }
}

/** Its age is what the wall clock says now; a segment from the future is as good as new. */
function segmentOf(
  { base, firstTime, previousTime }: SegmentStart,
  end: number,
  newest: number,
  newestPost: number
): Segment {
  const sound = firstTime !== undefined && firstTime >= previousTime && firstTime <= newest
  return {
    base,
    end,
    first: sound ? firstTime : previousTime,
    newest,
    writtenAt: monotonic(newest),
    postAt: monotonic(newestPost),
    before: 0
  }
}

const monotonic = (time: number): number => performance.now() - Math.max(0, Date.now() - time)

async function scanSegment(directory: string, base: number) {
  const handle = await open(join(directory, segmentName(base)), 'r')
  try {
    const limit = base + Math.max(0, (await handle.stat()).size - segmentHeaderBytes)
    const bytes = Buffer.allocUnsafeSlow(Math.min(limit - base, maxRecordBytes + scanBytes))
    const stretches: number[] = []
    let damagedTo = -1
    let end = base
    let [newest, newestPost, posts] = [0, 0, 0]
    let size = scanBytes
    for (let position = base; position < limit; ) {
      const length = Math.min(size, limit - position)
      const { bytesRead } = await handle.read(bytes, 0, length, position - base + segmentHeaderBytes)
      if (bytesRead === 0) break
      const found = findRecords(bytes.subarray(0, bytesRead), position, limit)
      for (const record of found.records) {
        newest = record.readDoubleLE(24)
        end = record.readDoubleLE(16) + record.length
        if (!isPost(record)) continue
        newestPost = newest
        posts++
      }
      for (const stretch of found.damage) {
        if (stretch.position !== damagedTo) stretches.push(stretch.position)
        damagedTo = stretch.position + stretch.bytes
      }
      size = Math.max(scanBytes, found.wanted)
      position = found.next
    }
    const damaged = stretches.filter(position => position < end).length
    return { end, newest, newestPost, posts, damaged, tornBytes: limit - end }
  } finally {
    await handle.close()
  }
}
