import type { FileHandle } from 'node:fs/promises'
import { CulvertError, type ErrorCode, messageOf } from '../core/errors.ts'
import { isPost } from '../core/record.ts'
import { sealRecord } from './seal.ts'

/** A record is safe within this time or its append rejects. */
export const appendTimeoutMs = 15_000
/** One group goes out in one system call: IOV_MAX. */
const maxGroupRecords = 1024
const maxGroupBytes = 16 * 2 ** 20

/** How written bytes are made safe. */
export type DataSync = (handle: FileHandle) => Promise<void>
export const syncNow: DataSync = handle => handle.datasync()
/** The operating system writes them when it likes: safe from a crash of the process, not of the machine. */
export const syncLater: DataSync = () => Promise.resolve()

/** The file that records go into; it ends where nothing more fits or where a write failed. */
export interface Tail {
  readonly handle: FileHandle
  /** Where `position` lies in the file. */
  offsetOf(position: number): number
  /** How many bytes still fit behind `position`; 0 when the file does not go on there. */
  room(position: number): number
}

interface Waiting {
  readonly record: Buffer
  readonly position: number
  readonly receiptTime: number
  readonly resolve: () => void
  readonly reject: (error: CulvertError) => void
  timer: NodeJS.Timeout | undefined
}

export interface GroupCommitOptions {
  /** The first position that was never given out. */
  readonly position: number
  /** ms; receipt times do not go below it. */
  readonly receiptTime: number
  readonly datasync: DataSync
  /** Makes the file that begins at `position`. */
  readonly beginTail: (position: number) => Promise<Tail>
  readonly synced: (group: SyncedGroup) => void
  /** The disk has no room left, whatever the journal's bound is: what waits was rejected and will come again. */
  readonly diskFull: () => void
}

/** Records that are safe now, and so is everything before `end`. */
export interface SyncedGroup {
  readonly end: number
  /** Receipt times of the first and of the newest one, ms. */
  readonly first: number
  readonly newest: number
  readonly records: number
  /** How many of them are POSTs. */
  readonly posts: number
}

/**
 * Writes the records of one partition. One group is on its way at a time: it leaves at once when nothing is, and all that is appended
 * meanwhile is the next group, so the disk's own speed sets the size of groups and there is no timer.
 *
 * When a write fails or takes too long, every append that waits rejects. Positions go on behind those of the rejected records, so the
 * file has a gap there, and a gap begins a new file: what was rejected is never read, and a write that hangs may finish when it likes,
 * over buffers that have another owner by then.
 */
export function createGroupCommit(options: GroupCommitOptions) {
  const { datasync, beginTail, synced } = options
  let { position, receiptTime } = options
  let exactTime = receiptTime
  let askedAt = performance.now()
  let tail: Tail | undefined
  let waiting: Waiting[] = []
  let inFlight: Waiting[] = []
  let writing = false
  let failure: string | undefined
  let pendingBytes = 0
  let written: Promise<void> = Promise.resolve()
  let whenIdle: (() => void)[] = []

  function append(record: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      sealRecord(record, position, clock())
      const entry: Waiting = { record, position, receiptTime, resolve, reject, timer: undefined }
      entry.timer = setTimeout(
        () => fail('JOURNAL_TIMEOUT', `no answer of the disk in ${appendTimeoutMs} ms`),
        appendTimeoutMs
      )
      position += record.length
      pendingBytes += record.length
      waiting.push(entry)
      if (!writing) written = writeGroups()
    })
  }

  /** Never rejects: a failure goes to those who appended. */
  async function writeGroups(): Promise<void> {
    writing = true
    while (waiting.length > 0) {
      try {
        const first = waiting[0]!
        if (tail === undefined || tail.room(first.position) < first.record.length) {
          tail = await beginTail(first.position)
          if (waiting[0] !== first) continue
        }
        const group = (inFlight = takeGroup(tail.room(first.position)))
        await write(tail, group)
        await datasync(tail.handle)
        if (inFlight === group) succeed(group)
      } catch (error) {
        if (isDiskFull(error)) options.diskFull()
        fail('JOURNAL_FAILING', messageOf(error), error)
      }
    }
    writing = false
  }

  /** The first always: a file may be longer than planned by one record. */
  function takeGroup(room: number): Waiting[] {
    let count = 1
    let bytes = waiting[0]!.record.length
    for (; count < Math.min(waiting.length, maxGroupRecords); count++) {
      bytes += waiting[count]!.record.length
      if (bytes > Math.min(room, maxGroupBytes)) break
    }
    return waiting.splice(0, count)
  }

  function succeed(group: Waiting[]): void {
    const last = group.at(-1)!
    inFlight = []
    failure = undefined
    synced({
      end: last.position + last.record.length,
      first: group[0]!.receiptTime,
      newest: last.receiptTime,
      records: group.length,
      posts: group.reduce((sum, { record }) => (isPost(record) ? sum + 1 : sum), 0)
    })
    for (const entry of group) {
      settled(entry)
      entry.resolve()
    }
    wakeIdle()
  }

  function fail(code: ErrorCode, reason: string, cause?: unknown): void {
    failure = reason
    const rejected = [...inFlight, ...waiting]
    inFlight = []
    waiting = []
    for (const entry of rejected) {
      settled(entry)
      entry.reject(new CulvertError(code, `The journal could not be written: ${reason}.`, { cause, retryable: true }))
    }
    wakeIdle()
  }

  function settled(entry: Waiting): void {
    clearTimeout(entry.timer)
    pendingBytes -= entry.record.length
  }

  function wakeIdle(): void {
    if (pendingBytes > 0) return
    for (const wake of whenIdle) wake()
    whenIdle = []
  }

  /** The wall clock; while it is behind a time that was given out before, half as fast as real time, so that no timer waits for ever. */
  function clock(): number {
    const now = performance.now()
    exactTime = Math.max(exactTime + (now - askedAt) / 2, Date.now())
    askedAt = now
    return (receiptTime = Math.floor(exactTime))
  }

  return {
    append,
    /** No later record has an earlier receipt time than this, ms. */
    time: (): number => inFlight[0]?.receiptTime ?? waiting[0]?.receiptTime ?? clock(),
    failure: (): string | undefined => failure,
    pendingBytes: (): number => pendingBytes,
    /** Resolves when no append waits. */
    idle: (): Promise<void> => new Promise(resolve => (pendingBytes > 0 ? whenIdle.push(resolve) : resolve())),
    /** Resolves when nothing is written any more; that may take for ever where a write hangs. */
    written: (): Promise<void> => written,
    hangs: (): boolean => writing && pendingBytes === 0
  }
}
export type GroupCommit = ReturnType<typeof createGroupCommit>

const isDiskFull = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOSPC'

async function write(tail: Tail, group: readonly Waiting[]): Promise<void> {
  let buffers = group.map(entry => entry.record)
  for (let at = tail.offsetOf(group[0]!.position); buffers.length > 0; ) {
    const { bytesWritten } = await tail.handle.writev(buffers, at)
    at += bytesWritten
    buffers = unwritten(buffers, bytesWritten)
  }
}

function unwritten(buffers: Buffer[], bytesWritten: number): Buffer[] {
  let written = bytesWritten
  let i = 0
  while (i < buffers.length && written >= buffers[i]!.length) written -= buffers[i++]!.length
  return i < buffers.length ? [buffers[i]!.subarray(written), ...buffers.slice(i + 1)] : []
}
