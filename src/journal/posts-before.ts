import { maxRecordBytes } from '../core/identity.ts'
import { headerBytes, RecordView } from '../core/record.ts'
import type { JournalEnd } from './journal.ts'
import { type PostSeen, postIn, repeatWindowMs } from './repeats.ts'
import { lengthOfRecord } from './seal.ts'
import type { SegmentFiles } from './segment-files.ts'

/** Small records come many at a time, of a large one only the header is read. */
const windowBytes = 16 * 1024

export interface PostsBeforeOptions {
  readonly files: SegmentFiles
  readonly end: JournalEnd
  readonly position: number
  /** Receipt time at `position`, ms. */
  readonly time: number
  readonly signal: AbortSignal
}

/** The POSTs within the window before a position, from the headers alone: what a reader that begins there must remember. */
export async function* postsBefore(options: PostsBeforeOptions): AsyncGenerator<PostSeen> {
  const { files, end, position, time, signal } = options
  const since = time - repeatWindowMs
  const segments = await files.list(end)
  let first = segments.findLastIndex(({ base }) => base <= position)
  while (first > 0 && segments[first]!.previousTime >= since) first--
  for (let at = segments[first]?.base ?? position; at < position; ) {
    const segment = await files.locate(at, end)
    const limit = Math.min(position, segment.limit ?? position)
    for await (const header of headersOf(files, segment.base, Math.max(at, segment.base), limit)) {
      if (signal.aborted) return
      const post = postIn(new RecordView(header, end.partition))
      if (post !== undefined && post.receiptTime >= since) yield post
    }
    at = segment.limit ?? position
  }
}

/** Stops at damage and where the segment was removed: what follows in it is not remembered, and a repetition of it will be recognised by the stores. */
async function* headersOf(files: SegmentFiles, base: number, from: number, limit: number): AsyncGenerator<Buffer> {
  let window: Buffer = Buffer.alloc(0)
  let windowFrom = from
  for (let position = from; position < limit; ) {
    if (position + headerBytes > windowFrom + window.length) {
      window = (await files.read(base, position, Buffer.allocUnsafeSlow(windowBytes))) ?? Buffer.alloc(0)
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
