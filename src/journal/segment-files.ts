import { readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { CulvertError } from '../core/errors.ts'
import type { JournalEnd } from './journal.ts'
import { listSegments, readSegmentStart, type SegmentStart, segmentHeaderBytes, segmentName } from './segment.ts'

/** Files kept open for the next read; lanes in step share one. */
const maxOpenFiles = 4

export interface Located {
  readonly base: number
  /** The one after it: nothing at or behind its `previousEnd` may be read from this one. Undefined for the last one. */
  readonly next: SegmentStart | undefined
}

/**
 * The segment files of a partition as another thread sees them, while the main thread adds and removes some. Of their headers only
 * those are read that a search needs.
 */
export function createSegmentFiles(directory: string) {
  const files = new Map<number, { readonly handle: Promise<FileHandle>; users: number }>()
  let bases: readonly number[] = []
  let starts = new Map<number, Promise<SegmentStart | undefined>>()
  let maxOpen = maxOpenFiles

  async function refresh(): Promise<void> {
    bases = await listSegments(directory)
    const known = starts
    starts = new Map()
    for (const base of bases) {
      const start = known.get(base)
      if (start !== undefined) starts.set(base, start)
    }
  }

  /** Undefined for one that was removed. */
  function startOf(base: number): Promise<SegmentStart | undefined> {
    const known = starts.get(base)
    if (known !== undefined) return known
    const reading = readSegmentStart(directory, base).catch((error: unknown) => {
      starts.delete(base)
      return ifRemoved(error)
    })
    starts.set(base, reading)
    return reading
  }

  /** Oldest first; some may have been removed since, and there is none that is newer than the one that `end` lies in. */
  async function list(end: JournalEnd): Promise<readonly number[]> {
    if ((bases.at(-1) ?? -1) < end.segment) await refresh()
    return bases
  }

  const nextOf = async (row: readonly number[], at: number): Promise<SegmentStart | undefined> =>
    at + 1 < row.length ? startOf(row[at + 1]!) : undefined

  /** The segment that goes on at `from`: the one that holds it or, where that is gone or ends before, the next one. */
  async function locate(from: number, end: JournalEnd): Promise<Located> {
    const position = Math.max(from, end.oldest) // older files are about to be removed
    for (let row = await list(end); row.length > 0; row = bases) {
      let at = Math.max(0, countOf(row, base => base <= position) - 1)
      let next = await nextOf(row, at)
      while (next !== undefined && position >= next.previousEnd) next = await nextOf(row, ++at)
      if (next !== undefined || at === row.length - 1) return { base: row[at]!, next }
      await refresh() // the next one was removed
    }
    throw new CulvertError('JOURNAL_FAILING', `No segment is left in ${directory}.`)
  }

  /**
   * The last segment of which `before` is true, which must be so for all up to there; the oldest one where that is so for none. A
   * damaged header is not asked.
   */
  async function lastBefore(end: JournalEnd, before: (start: SegmentStart) => boolean): Promise<number | undefined> {
    const row = await list(end)
    let found = row[0]
    let low = 0
    for (let high = row.length; low < high; ) {
      const middle = (low + high) >>> 1
      let at = middle
      let start = await startOf(row[at]!)
      while (start?.damaged && at > low) start = await startOf(row[--at]!)
      if (start === undefined || start.damaged) low = middle + 1
      else if (before(start)) {
        found = row[at]
        low = middle + 1
      } else high = at
    }
    return found
  }

  /**
   * Fills `bytes` with what begins at `position`, less where the file ends; undefined when the segment was removed. `how` is `readNow`
   * for many small reads, of which each is cheaper than a wait for another thread; whoever does that lets others have their turn.
   */
  async function read(
    base: number,
    position: number,
    bytes: Buffer,
    how: typeof readLater | typeof readNow = readLater
  ): Promise<Buffer | undefined> {
    const file = files.get(base) ?? { handle: open(join(directory, segmentName(base)), 'r'), users: 0 }
    files.delete(base)
    files.set(base, file)
    file.users++
    try {
      const handle = await file.handle.catch((error: unknown) => {
        files.delete(base)
        return ifRemoved(error)
      })
      if (handle !== undefined) {
        return bytes.subarray(0, await how(handle, bytes, position - base + segmentHeaderBytes))
      }
    } finally {
      file.users--
      await closeUnused(0)
    }
    await refresh()
    return undefined
  }

  /** The least recently used are closed first; so are removed ones, which take space until they are. */
  async function closeUnused(oldest: number): Promise<void> {
    for (const [base, file] of files) {
      if (file.users > 0 || (files.size <= maxOpen && base >= oldest)) continue
      files.delete(base)
      await file.handle.then(handle => handle.close()).catch(() => undefined)
    }
  }

  return {
    locate,
    lastBefore,
    startOf,
    read,
    closeUnused,
    async close(): Promise<void> {
      maxOpen = 0
      await closeUnused(0)
    }
  }
}
export type SegmentFiles = ReturnType<typeof createSegmentFiles>

const readLater = async (handle: FileHandle, bytes: Buffer, at: number): Promise<number> =>
  (await handle.read(bytes, 0, bytes.length, at)).bytesRead

export const readNow = (handle: FileHandle, bytes: Buffer, at: number): number =>
  readSync(handle.fd, bytes, 0, bytes.length, at)

/** How many of `row`, which ascends, are `before` something. */
function countOf(row: readonly number[], before: (base: number) => boolean): number {
  let low = 0
  for (let high = row.length; low < high; ) {
    const middle = (low + high) >>> 1
    if (before(row[middle]!)) low = middle + 1
    else high = middle
  }
  return low
}

function ifRemoved(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
