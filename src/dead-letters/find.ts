import type { DeadLetter, DeadLetterQuery } from '../core/dead-letter.ts'
import { createFilter } from './filter.ts'
import { readLetter } from './letter.ts'
import { readPosition, writePosition } from './position.ts'
import { createWalk, type Placed } from './walk.ts'

/** So much of the files is read for one answer, about. */
const usualScanBytes = 64 * 2 ** 20

export interface Limits {
  /** Of the letters' lines together; the first one comes in any case. */
  readonly maxBytes?: number
  readonly scanBytes?: number
}

/** `next` is the cursor of older letters, where there may be some; `skipped` counts lines that are no letters. */
export interface Found<T> {
  readonly letters: readonly T[]
  readonly next?: string
  readonly skipped: number
}

/**
 * The newest letters that wait and fit, each as `keep` leaves it: a whole one may hold some MiB. Reads in windows and looks at a bounded part of
 * the files. Throws QUERY_INVALID.
 */
export async function findLetters<T>(
  dir: string,
  query: DeadLetterQuery,
  keep: (letter: DeadLetter, placed: Placed) => T,
  { maxBytes = Number.POSITIVE_INFINITY, scanBytes = usualScanBytes }: Limits = {}
): Promise<Found<T>> {
  const { lane, from, to, cursor, limit } = query
  const fits = createFilter(query)
  const position = cursor === undefined ? undefined : readPosition(cursor)
  const earliest = from === undefined ? '' : new Date(from).toISOString()
  const latest = to === undefined ? '~' : new Date(to).toISOString()
  const walk = await createWalk({ dir, lane, from, position })
  const letters: T[] = []
  let broken = 0
  let bytes = 0
  try {
    for (let seen = 0; ; seen++) {
      const placed = await walk.peek()
      const skipped = broken + walk.skipped
      if (placed === undefined) return { letters, skipped }
      bytes += placed.bytes.length
      const isFull = letters.length >= limit || (letters.length > 0 && bytes > maxBytes)
      if (isFull || (seen > 0 && walk.bytesRead > scanBytes))
        return { letters, next: writePosition(walk.position()), skipped }
      walk.take()
      if (placed.at < earliest || placed.at > latest) continue
      const letter = readLetter(placed.bytes)
      if (letter === undefined) broken++
      else if (fits === undefined || fits(letter)) letters.push(keep(letter, placed))
    }
  } finally {
    await walk.close()
  }
}
