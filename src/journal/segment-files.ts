import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { CulvertError } from '../core/errors.ts'
import type { JournalEnd } from './journal.ts'
import { listSegments, readSegmentHeader, type SegmentHeader, segmentHeaderBytes, segmentName } from './segment.ts'

/** A segment that is open for reading. */
export interface OpenSegment {
  readonly base: number
  /** Nothing at or behind it may be read from this segment; undefined while it is the last one. */
  readonly limit: number | undefined
  /** Fills `bytes` with what begins at `position`; less where the file ends. */
  read(bytes: Buffer, position: number): Promise<Buffer>
  close(): Promise<void>
}

/** The segment files of a partition as another thread sees them, which may remove any of them at any time. */
export function createSegmentFiles(directory: string) {
  let headers: SegmentHeader[] = []

  async function refresh(): Promise<void> {
    const known = new Map(headers.map(header => [header.base, header]))
    const listed: SegmentHeader[] = []
    for (const base of await listSegments(directory)) {
      const header = known.get(base) ?? (await readSegmentHeader(directory, base).catch(removed))
      if (header !== undefined) listed.push(header)
    }
    headers = listed
  }

  /** All of them, oldest first; as old as the last one that was known, unless `end` lies in a newer one. */
  async function list(end: JournalEnd): Promise<readonly SegmentHeader[]> {
    if ((headers.at(-1)?.base ?? -1) < end.segment) await refresh()
    return headers
  }

  /** The segment that goes on at `position`: the one that holds it or, where that is gone or ends before, the next one. */
  async function openAt(position: number, end: JournalEnd): Promise<OpenSegment> {
    for (;;) {
      const segments = await list(end)
      const index = segments.findIndex((_, i) => position < limitOf(segments, i))
      const base = segments[index]?.base
      if (base === undefined) throw new CulvertError('JOURNAL_FAILING', `No segment is left in ${directory}.`)
      const handle = await open(join(directory, segmentName(base)), 'r').catch(removed)
      if (handle === undefined) await refresh()
      else return openSegment(handle, base, segments[index + 1]?.previousEnd)
    }
  }

  return { list, openAt }
}
export type SegmentFiles = ReturnType<typeof createSegmentFiles>

const limitOf = (segments: readonly SegmentHeader[], index: number): number =>
  segments[index + 1]?.previousEnd ?? Number.POSITIVE_INFINITY

const openSegment = (handle: FileHandle, base: number, limit: number | undefined): OpenSegment => ({
  base,
  limit,
  async read(bytes, position) {
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, position - base + segmentHeaderBytes)
    return bytes.subarray(0, bytesRead)
  },
  close: () => handle.close()
})

function removed(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
