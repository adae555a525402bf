import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Cursor, Through } from '../../src/core/contract.ts'
import { CulvertError, messageOf } from '../../src/core/errors.ts'
import type { Batch } from './batch.ts'
import { type Contents, isDamage, type Receipts, type StoredCursor } from './file.ts'
import { type FileWriter, openFileWriter } from './file-writer.ts'
import { bytesOf, dayOf, listFiles, nextName, setAside, storeDir } from './files.ts'
import { freshOf } from './novelty.ts'
import { createPastFiles } from './past-files.ts'
import { expire } from './retention.ts'

/** The log of the store's thread, told to the thread that started it. */
export type Warn = (fields: Record<string, unknown>, message: string) => void

export interface StoreSettings {
  readonly dir: string
  readonly maxFileBytes: number
  readonly maxTotalBytes: number
  readonly maxDays: number
}

interface Current {
  readonly name: string
  readonly day: string
  readonly file: FileWriter
  /** Whether all cursors stand in it, as of when it was opened: the files where they stood will be deleted some day. */
  hasCursors: boolean
}

/** A repeated POST is dropped by the reader within 15 minutes of receipt time; so far back every file is asked, and a bit more. */
const repeatMs = 20 * 60_000
const retentionEveryMs = 60_000

/**
 * The embedded store, synchronous: for a thread of its own. One file is open for writing; a batch goes into one file as a whole,
 * that of the day on which its newest event was received, in one transaction with the cursor.
 */
export function createStore(settings: StoreSettings, warn: Warn) {
  const dir = storeDir(settings.dir)
  const cursors = new Map<number, StoredCursor>()
  const past = createPastFiles(dir, repeatMs)
  let sequence = 0
  let current: Current | undefined
  let opening: string | undefined
  let expiredAt = 0

  function damaged(name: string, error: unknown): void {
    past.forget(name)
    setAside(dir, name)
    warn({ file: name, reason: messageOf(error) }, 'A damaged file of the local store was set aside.')
  }

  function learn(name: string, contents: Contents | undefined): void {
    past.learn(name, contents)
    for (const [partition, cursor] of contents?.cursors ?? []) {
      sequence = Math.max(sequence, cursor.sequence)
      if (cursor.sequence > (cursors.get(partition)?.sequence ?? -1)) cursors.set(partition, cursor)
    }
  }

  /** Reads what all files say of themselves. Throws when the directory cannot be used. */
  function open(): void {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    for (const { name, damaged: aside } of listFiles(dir)) {
      if (aside) continue
      try {
        learn(name, past.read(name))
      } catch (error) {
        if (!isDamage(error)) throw error
        damaged(name, error)
      }
    }
    applyRetention(Date.now(), listFiles(dir).findLast(file => !file.damaged)?.name)
  }

  function closeCurrent(): void {
    current?.file.close()
    current = undefined
  }

  /** The last file of the day if there is room in it, else a new one. */
  function fileFor(received: number): Current {
    const day = dayOf(received)
    if (current?.day === day && current.file.bytes() < settings.maxFileBytes) return current
    closeCurrent()
    const files = listFiles(dir)
    const last = files.findLast(file => file.day === day)
    const usable = last && !last.damaged && past.isOurs(last.name) && bytesOf(dir, last.name) < settings.maxFileBytes
    const name = usable ? last.name : nextName(files, day)
    opening = name
    const file = openFileWriter(join(dir, name))
    opening = undefined
    learn(name, file.contents)
    expiredAt = 0
    return (current = { name, day, file, hasCursors: false })
  }

  function attempt(batch: Batch, receipts: Receipts): number {
    const target = fileFor(receipts.newest)
    const moved = cursorOf(batch.through, sequence + 1)
    const stored = new Map([...(target.hasCursors ? [] : cursors), ...moved])
    const seen = (record: string, received: number): string[] => [
      ...target.file.seen(record),
      ...past.seen(record, received, target.name, damaged)
    ]
    const fresh = target.file.write(batch, () => freshOf(batch, seen), receipts, stored)
    sequence++
    target.hasCursors = true
    for (const [partition, cursor] of moved) cursors.set(partition, cursor)
    past.extend(target.name, receipts)
    return fresh.duplicates
  }

  function applyRetention(now: number, kept: string | undefined): void {
    if (now - expiredAt < retentionEveryMs) return
    expiredAt = now
    const removed = expire(dir, settings, dayOf(now - settings.maxDays * 86_400_000), kept)
    for (const name of removed) past.forget(name)
  }

  return {
    open,
    /**
     * Returns how many events the store had already. Throws SINK_UNAVAILABLE (disk full, not writable): then nothing of the batch
     * is stored and the same call may succeed later.
     */
    write(batch: Batch): number {
      const receipts = receiptsOf(batch)
      if (receipts === undefined) return 0
      for (let again = true; ; again = false) {
        try {
          const duplicates = attempt(batch, receipts)
          applyRetention(Date.now(), current?.name)
          return duplicates
        } catch (error) {
          const name = opening ?? current?.name
          opening = undefined
          closeCurrent()
          if (name === undefined || !again || !isDamage(error)) throw unavailable(error)
          damaged(name, error)
        }
      }
    },
    cursor: (partition: number): Cursor | undefined => {
      const cursor = cursors.get(partition)
      return cursor && { offset: cursor.offset, note: cursor.note }
    },
    close(): void {
      closeCurrent()
      past.close()
    }
  }
}

/** Of a batch without events that of its cursor; undefined if it has none either. */
function receiptsOf({ logs, points, through }: Batch): Receipts | undefined {
  let oldest = Number.POSITIVE_INFINITY
  let newest = 0
  for (const column of [logs.received, points.received]) {
    for (const received of column) {
      if (received < oldest) oldest = received
      if (received > newest) newest = received
    }
  }
  if (newest > 0) return { oldest, newest }
  const time = through && (through.note.receiptTime || Date.now())
  return time === undefined ? undefined : { oldest: time, newest: time }
}

const cursorOf = (through: Through | undefined, sequence: number): [number, StoredCursor][] =>
  through ? [[through.position.partition, { sequence, offset: through.position.offset, note: through.note }]] : []

const unavailable = (cause: unknown): CulvertError =>
  new CulvertError('SINK_UNAVAILABLE', `The local store did not take a batch: ${messageOf(cause)}`, {
    cause,
    retryable: true
  })
