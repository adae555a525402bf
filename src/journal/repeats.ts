import type { RecordView } from '../core/record.ts'

/** A POST that comes again within this receipt time is the sender's repetition of one that it had no answer to. */
export const repeatWindowMs = 15 * 60_000
/** So many POSTs are remembered at least, where they came within the window; the oldest are forgotten first. */
export const maxRememberedPosts = 2 ** 17

/** A POST record's id is made of its content: the same id is the same POST. */
export interface PostSeen {
  readonly key: string
  readonly receiptTime: number
}

/** Recognises POSTs that a reader has passed before. Two generations of ids, so that forgetting costs nothing per id. */
export function createRepeats(windowMs = repeatWindowMs, maxPosts = maxRememberedPosts) {
  let older = new Map<string, number>()
  let newer = new Map<string, number>()
  let newerSince = Number.NEGATIVE_INFINITY

  /** Remembers the POST and says whether it was seen within the window. */
  function seen({ key, receiptTime }: PostSeen): boolean {
    if (newer.size >= maxPosts || receiptTime - newerSince > windowMs) {
      older = newer
      newer = new Map()
      newerSince = receiptTime
    }
    const before = newer.get(key) ?? older.get(key)
    newer.set(key, receiptTime)
    return before !== undefined && receiptTime - before <= windowMs
  }
  return { seen }
}

/** Undefined for a record that is no POST; looks at the header only. */
export const postIn = (record: RecordView): PostSeen | undefined =>
  record.kind === 'post' ? { key: record.id.toString('latin1'), receiptTime: record.receiptTime } : undefined
