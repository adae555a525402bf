import { segmentHeaderBytes } from './segment.ts'

/** A segment as the main thread keeps it. */
export interface Segment {
  readonly base: number
  /** Where its good records end. */
  end: number
  /** Receipt time of its first record, ms; where that cannot be read, of the newest one before it. */
  first: number
  /** Receipt time of its newest good record, or of the newest one before it, ms. */
  newest: number
  /** When its newest record came, and its newest POST (never: none): by performance.now(), a clock that nobody sets. */
  writtenAt: number
  postAt: number
  /** Bytes of the segments before it, also of those that are gone; the row says it. */
  before: number
}

export const never = Number.NEGATIVE_INFINITY

const sizeOf = ({ base, end }: Segment): number => end - base + segmentHeaderBytes

/** The segments of a partition, oldest first. Nothing here costs more where there are more of them. */
export function createSegmentRow(found: readonly Segment[]) {
  const segments: Segment[] = []
  const last = (): Segment | undefined => segments.at(-1)

  /** Bytes of all segments that there ever were, up to the end. */
  function endBytes(): number {
    const segment = last()
    return segment === undefined ? 0 : segment.before + sizeOf(segment)
  }

  function add(segment: Segment): void {
    segment.before = endBytes()
    segments.push(segment)
  }

  /** How many segments end at `position` or before it. */
  function countTo(position: number): number {
    let low = 0
    let high = segments.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (segments[middle]!.end <= position) low = middle + 1
      else high = middle
    }
    return low
  }

  for (const segment of found) add(segment)

  return {
    add,
    last,
    oldest: (): Segment | undefined => segments[0],
    second: (): Segment | undefined => segments[1],
    removeOldest: (): Segment | undefined => segments.shift(),
    removeLast: (): Segment | undefined => segments.pop(),
    /** The last one in which something was written. */
    lastWritten: (): Segment | undefined => segments.findLast(({ base, end }) => end > base),
    /** Of all files. */
    bytes: (): number => endBytes() - (segments[0]?.before ?? 0),
    /** Of those that end at `position` or before it; the last segment is never one. */
    bytesTo(position: number): number {
      const next = segments[Math.min(countTo(position), segments.length - 1)]
      return next === undefined ? 0 : next.before - segments[0]!.before
    }
  }
}
export type SegmentRow = ReturnType<typeof createSegmentRow>
