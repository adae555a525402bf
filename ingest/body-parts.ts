import { maxRecordBytes } from '../src/core/identity.ts'
import { headerBytes } from '../src/core/record.ts'
import { partitionOf } from './partition.ts'
import type { BodyFrame } from './split-body.ts'

/** The frames of a POST that go into one record. */
export interface BodyPart {
  readonly partition: number
  /** Number in the POST, the same whenever the same bytes come: a part of the record's id. */
  readonly part: number
  readonly frames: BodyFrame[]
  /** Of the frames, each at most the frame limit. */
  bytes: number
}

/** Beside the frames: their table's last entries, the run. */
const spareBytes = headerBytes + 64

/** What a part takes as a record. */
export const recordBytes = ({ bytes, frames }: BodyPart): number => spareBytes + bytes + frames.length * 8

/** Deals the frames out by app, and begins another part where a record would be full. */
export function dealOut(
  body: Buffer,
  frames: readonly BodyFrame[],
  partitions: number,
  maxFrameBytes: number,
  maxBytes = maxRecordBytes
): BodyPart[] {
  const parts: BodyPart[] = []
  const open = new Map<number, BodyPart>()
  for (const frame of frames) {
    const partition = partitionOf(body, frame.start, frame.end, partitions)
    const bytes = Math.min(frame.end - frame.start, maxFrameBytes)
    let part = open.get(partition)
    if (part === undefined || recordBytes(part) + bytes + 8 > maxBytes) {
      part = { partition, part: part === undefined ? partition : part.part + partitions, frames: [], bytes: 0 }
      open.set(partition, part)
      parts.push(part)
    }
    part.frames.push(frame)
    part.bytes += bytes
  }
  return parts
}
