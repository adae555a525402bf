import type { LossEntry, LostBefore } from '../core/losses.ts'
import { totalsOf } from './entries.ts'

/** The books of all partitions as one; what is of the newest report comes first. */
export function joinBooks(books: readonly LostBefore[]): LostBefore {
  const since = books.flatMap(book => book.since ?? [])
  const entries = books.flatMap(book => book.entries).sort(byNewest)
  return {
    ...(since.length === 0 ? {} : { since: Math.min(...since) }),
    ...totalsOf(entries),
    entries,
    forgotten: books.reduce((sum, { forgotten }) => sum + forgotten, 0)
  }
}

const byNewest = (a: LossEntry, b: LossEntry): number => b.last - a.last
