import type {
  DeadLetterFilter,
  DeadLetterPage,
  DeadLetterQuery,
  DeadLetterReasons,
  DeadLetterWhole
} from '../core/dead-letter.ts'
import { findLetters } from './find.ts'
import { frameText, readLetter, rowOf } from './letter.ts'
import { createReasonCount } from './reasons.ts'
import { createWalk } from './walk.ts'

/** Letters that are grouped by reason at most. */
const maxGrouped = 100_000

/** Reads the dead letters in a data directory, whether a product runs there or not. Memory is bounded: files are read in windows. */
export function createDeadLetterReader(dir: string) {
  return {
    /** Throws QUERY_INVALID. */
    list: (query: DeadLetterQuery): Promise<DeadLetterPage> => findLetters(dir, query, rowOf),

    /** The newest letter of an event; of a lane, where more than one gave it up. */
    async letter(id: string, lane?: string): Promise<DeadLetterWhole | undefined> {
      const walk = await createWalk({ dir, lane })
      const wanted = Buffer.from(`"id":${JSON.stringify(id)}`)
      try {
        for (let placed = await walk.peek(); placed !== undefined; placed = await walk.peek()) {
          walk.take()
          const letter = placed.bytes.includes(wanted) ? readLetter(placed.bytes) : undefined
          if (letter?.id === id) return { ...letter, text: frameText(letter) }
        }
        return undefined
      } finally {
        await walk.close()
      }
    },

    /** Throws QUERY_INVALID. */
    async reasons(filter: DeadLetterFilter): Promise<DeadLetterReasons> {
      const count = createReasonCount()
      let letters = 0
      const { next, skipped } = await findLetters(dir, { ...filter, limit: maxGrouped }, letter => {
        letters++
        count.add(letter)
      })
      return { reasons: count.groups(), letters, complete: next === undefined, skipped }
    }
  }
}
export type DeadLetterReader = ReturnType<typeof createDeadLetterReader>
