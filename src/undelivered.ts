import type { JournalReader } from './core/contract.ts'
import { spanBetween } from './lane-cursor.ts'

/** What a lane has not committed when the process ends. */
export interface Undelivered {
  readonly lane: string
  /** Absent where there was no time to count them. */
  readonly frames?: number
  readonly bytes: number
}

/** The frames behind a lane's cursor, as far as they could be counted. */
export interface FramesLeft {
  readonly lane: string
  readonly partition: number
  readonly frames: number
}

interface Place {
  readonly name: string
  readonly partition: number
  readonly position: number
}

/** Reads what is behind each lane, for at most `timeoutMs`; a lane whose frames cannot be counted in that time is left out. */
export async function countFramesLeft(
  journal: JournalReader,
  lanes: readonly Place[],
  timeoutMs: number
): Promise<FramesLeft[]> {
  const signal = AbortSignal.timeout(timeoutMs)
  const counting = lanes.map(async ({ name, partition, position }) => {
    const { frames } = await spanBetween(journal, partition, position, journal.bounds(partition).end, signal)
    return { lane: name, partition, frames }
  })
  const counted = await Promise.allSettled(counting)
  return counted.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
}

/** What is left of each lane over all partitions; a lane whose cursor nobody knows is left out. */
export function undelivered(
  lanes: readonly string[],
  ends: readonly { readonly partition: number; readonly end: number }[],
  cursor: (lane: string, partition: number) => number | undefined,
  counted: readonly FramesLeft[]
): Undelivered[] {
  return lanes.flatMap(lane => {
    const behind = ends.flatMap(({ partition, end }) => {
      const bytes = end - (cursor(lane, partition) ?? end)
      const frames = counted.find(other => other.lane === lane && other.partition === partition)?.frames
      return bytes > 0 ? [{ bytes, frames }] : []
    })
    if (behind.length === 0) return []
    const bytes = behind.reduce((sum, part) => sum + part.bytes, 0)
    const frames = behind.reduce((sum: number | undefined, part) => add(sum, part.frames), 0)
    return [{ lane, ...(frames === undefined ? {} : { frames }), bytes }]
  })
}

const add = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a + b
