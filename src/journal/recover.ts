import { open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { maxRecordBytes } from '../core/identity.ts'
import { temporarySuffix } from './durable.ts'
import type { Recovery } from './journal.ts'
import { findRecords } from './seal.ts'
import { listSegments, readSegmentHeader, type SegmentHeader, segmentHeaderBytes, segmentName } from './segment.ts'
import type { Segment } from './segment-row.ts'

export type RecoveredSegment = Omit<Segment, 'before'>

export interface RecoveredPartition extends Recovery {
  readonly segments: readonly RecoveredSegment[]
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
  const bases = await listSegments(directory)
  const headers: SegmentHeader[] = []
  for (const base of bases) headers.push(await readSegmentHeader(directory, base))
  const segments: RecoveredSegment[] = []
  let damaged = 0
  let tornBytes = 0
  for (const [i, header] of headers.entries()) {
    const next = headers[i + 1]
    if (header.damaged) damaged++
    if (next !== undefined && !next.damaged) {
      segments.push(segmentOf(header, Math.max(header.base, next.previousEnd), next.previousTime))
      continue
    }
    const scan = await scanSegment(directory, header.base)
    const newest = Math.max(scan.newest, header.previousTime, segments.at(-1)?.newest ?? 0)
    segments.push(segmentOf(header, scan.end, newest))
    damaged += scan.damaged
    tornBytes += scan.tornBytes
  }
  return { segments, damaged, tornBytes }
}

/**
 * Its age is what the wall clock says now; a segment from the future is as good as new. Whether there are POSTs in it would be a long
 * search, so there may be.
 */
function segmentOf({ base, firstTime, previousTime }: SegmentHeader, end: number, newest: number): RecoveredSegment {
  const writtenAt = performance.now() - Math.max(0, Date.now() - newest)
  const sound = firstTime !== undefined && firstTime >= previousTime && firstTime <= newest
  return { base, end, first: sound ? firstTime : previousTime, newest, writtenAt, postAt: writtenAt }
}

async function scanSegment(directory: string, base: number) {
  const handle = await open(join(directory, segmentName(base)), 'r')
  try {
    const limit = base + Math.max(0, (await handle.stat()).size - segmentHeaderBytes)
    const bytes = Buffer.allocUnsafeSlow(Math.min(limit - base, maxRecordBytes + scanBytes))
    const stretches: number[] = []
    let damagedTo = -1
    let end = base
    let newest = 0
    let size = scanBytes
    for (let position = base; position < limit; ) {
      const length = Math.min(size, limit - position)
      const { bytesRead } = await handle.read(bytes, 0, length, position - base + segmentHeaderBytes)
      if (bytesRead === 0) break
      const found = findRecords(bytes.subarray(0, bytesRead), position, limit)
      for (const record of found.records) {
        newest = record.readDoubleLE(24)
        end = record.readDoubleLE(16) + record.length
      }
      for (const stretch of found.damage) {
        if (stretch.position !== damagedTo) stretches.push(stretch.position)
        damagedTo = stretch.position + stretch.bytes
      }
      size = Math.max(scanBytes, found.wanted)
      position = found.next
    }
    return { end, newest, damaged: stretches.filter(position => position < end).length, tornBytes: limit - end }
  } finally {
    await handle.close()
  }
}
