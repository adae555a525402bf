import { setImmediate } from 'node:timers/promises'
import { maxRecordBytes } from '../core/identity.ts'
import { headerBytes, RecordView } from '../core/record.ts'
import type { JournalEnd } from './journal.ts'
import { maxRememberedPosts, type PostSeen, postIn, repeatWindowMs } from './repeats.ts'
import { lengthOfRecord } from './seal.ts'
import type { SegmentStart } from './segment.ts'
import { readNow, type SegmentFiles } from './segment-files.ts'

/** Small records come many at a time, of a large one only the header is read. */
const windowBytes = 16 * 1024
/** So long this thread's other work waits at most. */
const turnMs = 4

export interface PostsBeforeOptions {
  readonly files: SegmentFiles
  readonly end: JournalEnd
  readonly position: number
  /** Receipt time at `position`, ms. */
  readonly time: number
  readonly signal: AbortSignal
}

/**
 * The POSTs within the window before a position, from the headers alone: what a reader that begins there must remember. Segments
 * without POSTs are passed over.
 */
export async function* postsBefore(options: PostsBeforeOptions): AsyncGenerator<PostSeen> {
  const { files, end, position, time, signal } = options
  const since = time - repeatWindowMs
  const here = await files.locate(position, end)
  const enough = ((await files.startOf(here.base))?.posts ?? 0) - maxRememberedPosts
  const first = await files.lastBefore(end, ({ previousPost, posts }) => previousPost < since || posts < enough)
  for (let at = Math.min(first ?? here.base, here.base); at < position; ) {
    const { base, next } = await files.locate(at, end)
    const limit = Math.min(position, next?.previousEnd ?? position)
    if (await mayHoldPosts(files, base, next)) {
      for await (const header of headersOf(files, base, Math.max(at, base), limit)) {
        if (signal.aborted) return
        const post = postIn(new RecordView(header, end.partition))
        if (post !== undefined && post.receiptTime >= since) yield post
      }
    }
    at = limit
  }
}

/** A POST that was received up to then may repeat one that is gone with its segment, ms. */
export async function doubtUntil(files: SegmentFiles, end: JournalEnd): Promise<number> {
  const { base } = await files.locate(end.oldest, end)
  const start = await files.startOf(base)
  return start === undefined || start.damaged ? Number.POSITIVE_INFINITY : start.previousPost + repeatWindowMs
}

async function mayHoldPosts(files: SegmentFiles, base: number, next: SegmentStart | undefined): Promise<boolean> {
  const start = await files.startOf(base)
  return start === undefined || start.damaged || next === undefined || next.damaged || next.posts > start.posts
}

/**
 * Each is good until the next. Stops at damage and where the segment was removed: what follows in it is not remembered, and a
 * repetition of it will be recognised by the stores.
 */
async function* headersOf(files: SegmentFiles, base: number, from: number, limit: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(windowBytes)
  let window: Buffer = bytes.subarray(0, 0)
  let windowFrom = from
  let turnFrom = performance.now()
  for (let position = from; position < limit; ) {
    if (position + headerBytes > windowFrom + window.length) {
      if (performance.now() - turnFrom > turnMs) {
        await setImmediate()
        turnFrom = performance.now()
      }
      window = (await files.read(base, position, bytes, readNow)) ?? bytes.subarray(0, 0)
      windowFrom = position
    }
    const at = position - windowFrom
    const length =
      window.length - at < headerBytes ? 0 : lengthOfRecord(window, at, position, position + maxRecordBytes)
    if (length === 0) return
    yield window.subarray(at, at + headerBytes)
    position += length
  }
}
