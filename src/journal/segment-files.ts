import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { CulvertError } from '../core/errors.ts'
import type { JournalEnd } from './journal.ts'
import { listSegments, readSegmentHeader, type SegmentHeader, segmentHeaderBytes, segmentName } from './segment.ts'

/** Files kept open for the next read; lanes in step share one. */
const maxOpenFiles = 4

export interface Located {
  readonly base: number
  /** Nothing at or behind it may be read from this segment; undefined for the last one. */
  readonly limit: number | undefined
}

/** The segment files of a partition as another thread sees them, while the main thread adds and removes some. */
export function createSegmentFiles(directory: string) {
  const files = new Map<number, { readonly handle: Promise<FileHandle>; users: number }>()
  let headers: SegmentHeader[] = []
  let maxOpen = maxOpenFiles

  async function refresh(): Promise<void> {
    const known = new Map(headers.map(header => [header.base, header]))
    const listed: SegmentHeader[] = []
    for (const base of await listSegments(directory)) {
      const header = known.get(base) ?? (await readSegmentHeader(directory, base).catch(ifRemoved))
      if (header !== undefined) listed.push(header)
    }
    headers = listed
  }

  /** Oldest first; some may have been removed since, and there is none that is newer than the one that `end` lies in. */
  async function list(end: JournalEnd): Promise<readonly SegmentHeader[]> {
    if ((headers.at(-1)?.base ?? -1) < end.segment) await refresh()
    return headers
  }

  /** The segment that goes on at `position`: the one that holds it or, where that is gone or ends before, the next one. */
  async function locate(position: number, end: JournalEnd): Promise<Located> {
    const segments = await list(end)
    const index = segments.findIndex((_, i) => position < (segments[i + 1]?.previousEnd ?? Number.POSITIVE_INFINITY))
    const found = segments[index]
    if (found === undefined) throw new CulvertError('JOURNAL_FAILING', `No segment is left in ${directory}.`)
    return { base: found.base, limit: segments[index + 1]?.previousEnd }
  }

  /** Fills `bytes` with what begins at `position`, less where the file ends; undefined when the segment was removed. */
  async function read(base: number, position: number, bytes: Buffer): Promise<Buffer | undefined> {
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
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, position - base + segmentHeaderBytes)
        return bytes.subarray(0, bytesRead)
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
    list,
    locate,
    read,
    closeUnused,
    async close(): Promise<void> {
      maxOpen = 0
      await closeUnused(0)
    }
  }
}
export type SegmentFiles = ReturnType<typeof createSegmentFiles>

function ifRemoved(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
