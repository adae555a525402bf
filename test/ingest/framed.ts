import { Framing, type FramingProblem } from '../../ingest/framing.ts'
import { frameResynchronised, frameTruncated } from '../../src/core/record.ts'

export interface Framed {
  /** Text as latin1, and its marks where it has some. */
  readonly frames: readonly string[]
  readonly problems: Readonly<Partial<Record<FramingProblem, number>>>
}

/** How many frames there were after each chunk. */
export const framesAfterEach = (chunks: readonly Buffer[]): number[] => {
  const counts: number[] = []
  framed(chunks, undefined, frames => counts.push(frames))
  return counts
}

/** What a connection gives that is read in these chunks and then closed, kept as its owner is meant to keep the rest. */
export function framed(
  chunks: readonly Buffer[],
  maxFrameBytes = 128 * 1024,
  afterEach?: (frames: number) => void
): Framed {
  const frames: string[] = []
  const problems: Partial<Record<FramingProblem, number>> = {}
  const framing = new Framing({
    maxFrameBytes,
    count: problem => void (problems[problem] = (problems[problem] ?? 0) + 1)
  })
  let rest: Buffer = Buffer.alloc(0)
  const walk = (bytes: Buffer, closed: boolean) => {
    const take = (start: number, length: number, marks: number) => {
      const text = bytes.toString('latin1', start, start + length)
      frames.push(text + markText(marks))
      return true
    }
    rest = bytes.subarray(framing.walk(bytes, 0, bytes.length, { take }, closed))
  }
  for (const chunk of chunks) {
    const bytes = Buffer.concat([rest, chunk])
    if (framing.wants(rest.length, chunk, 0, chunk.length)) walk(bytes, false)
    else rest = bytes
    afterEach?.(frames.length)
  }
  walk(rest, true)
  return { frames, problems }
}

export const markText = (marks: number): string =>
  (marks & frameTruncated ? ' [truncated]' : '') + (marks & frameResynchronised ? ' [resynchronised]' : '')

/** The bytes cut at these places, in any order. */
export function splitAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.filter(place => place < bytes.length).toSorted((a, b) => a - b), bytes.length]
  return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end))
}
