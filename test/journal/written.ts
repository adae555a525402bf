import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RecordKind } from '../../src/core/record.ts'
import { sealRecord } from '../../src/journal/seal.ts'
import { partitionDirectory, segmentHeader, segmentName } from '../../src/journal/segment.ts'
import { recordOf } from './records.ts'

export interface Written {
  readonly frame: string
  readonly receiptTime: number
  readonly kind?: RecordKind
}

/** Writes segments as the journal does, but for the syncs: thousands in a second. Answers the records' positions, by segment, and the records. */
export function writeSegments(dir: string, segments: readonly (readonly Written[])[]) {
  const directory = partitionDirectory(dir, 0)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const records: Buffer[] = []
  let [end, previousTime, previousPost, posts] = [0, 0, 0, 0]
  const positions = segments.map(written => {
    const base = end
    const parts = [segmentHeader({ base, previousEnd: base, previousTime, previousPost, posts })]
    const starts = written.map(({ frame, receiptTime, kind = 'stream' }) => {
      const position = end
      const record = recordOf(frame, { kind })
      sealRecord(record, position, receiptTime)
      parts.push(record)
      records.push(record)
      end += record.length
      previousTime = receiptTime
      if (kind === 'post') [previousPost, posts] = [receiptTime, posts + 1]
      return position
    })
    writeFileSync(join(directory, segmentName(base)), Buffer.concat(parts), { mode: 0o600 })
    return starts
  })
  return { positions, records, end }
}

export const fileAt = (dir: string, base: number): string => join(partitionDirectory(dir, 0), segmentName(base))

/** Damages one byte of a file. */
export function flip(path: string, offset: number): void {
  const bytes = readFileSync(path)
  bytes[offset]! ^= 1
  writeFileSync(path, bytes)
}
