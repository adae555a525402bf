import { copyFile, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Cursor, lostReasons, maxNoteBytes, type Note, type Position } from '../core/contract.ts'
import { CulvertError, messageOf } from '../core/errors.ts'
import { createDurably } from './durable.ts'

const version = 1
const count = z.number().nonnegative()

/** Keys of a later minor version are kept. */
const note = z.looseObject({
  ledger: z.looseObject({
    received: count,
    stored: count,
    duplicate: count,
    joined: count,
    folded: count,
    filtered: count,
    dead: count,
    lost: count
  }),
  receiptTime: count,
  since: count.exactOptional(),
  lost: z
    .array(
      z.looseObject({
        reason: z.enum(lostReasons),
        frames: count,
        from: count,
        to: count,
        begin: count,
        end: count,
        stretches: count
      })
    )
    .exactOptional(),
  state: z.record(z.string(), z.unknown()).exactOptional(),
  fingerprint: z.string().exactOptional(),
  uncertainTo: count.exactOptional()
})
const cursorFile = z.object({ version: z.literal(version), offset: count, note })

/** The note of a lane that knows nothing of what it did before. */
export const emptyNote: Note = {
  ledger: { received: 0, stored: 0, duplicate: 0, joined: 0, folded: 0, filtered: 0, dead: 0, lost: 0 },
  receiptTime: 0
}

export const cursorsDirectory = (dir: string): string => join(dir, 'cursors')

const cursorName = (lane: string, partition: number): string => `${encodeURIComponent(lane)}.${partition}.json`

/** The cursor that a lane has committed. Throws CURSOR_DAMAGED when it cannot be read, JOURNAL_VERSION when it is a later one's. */
export async function readCursor(dir: string, lane: string, partition: number): Promise<Cursor | undefined> {
  const path = join(cursorsDirectory(dir), cursorName(lane, partition))
  const text = await readFile(path, 'utf8').catch(absent)
  if (text === undefined) return undefined
  const { offset, note } = parseCursor(path, text)
  return { offset, note }
}

function parseCursor(path: string, text: string): Cursor {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (cause) {
    throw new CulvertError('CURSOR_DAMAGED', `The cursor ${path} cannot be read: ${messageOf(cause)}.`, { cause })
  }
  const parsed = cursorFile.safeParse(content)
  if (parsed.success) return parsed.data
  const given = z.object({ version: z.number() }).safeParse(content)
  if (given.success && given.data.version !== version) {
    throw new CulvertError('JOURNAL_VERSION', `The cursor ${path} has version ${given.data.version}, not ${version}.`)
  }
  throw new CulvertError('CURSOR_DAMAGED', `The cursor ${path} cannot be read: ${z.prettifyError(parsed.error)}.`)
}

/** Atomic and synced when it resolves; one at a time for a lane and partition. Throws NOTE_TOO_LARGE. */
export async function writeCursor(dir: string, lane: string, position: Position, note: Note): Promise<void> {
  const bytes = Buffer.byteLength(JSON.stringify(note))
  if (bytes > maxNoteBytes) {
    throw new CulvertError(
      'NOTE_TOO_LARGE',
      `The note of lane ${lane} has ${bytes} bytes, and may have ${maxNoteBytes}.`
    )
  }
  const content = Buffer.from(`${JSON.stringify({ version, offset: position.offset, note })}\n`)
  const handle = await createDurably(cursorsDirectory(dir), cursorName(lane, position.partition), content)
  await handle.close()
}

/** Keeps a copy of a damaged cursor for people; the file itself stays until the lane commits again. */
export async function keepDamagedCursor(dir: string, lane: string, partition: number): Promise<void> {
  const path = join(cursorsDirectory(dir), cursorName(lane, partition))
  await copyFile(path, `${path}.damaged`)
}

/** How far any lane, configured or not, has come in each partition: positions and receipt times before that are given out. */
export async function furthestCursors(dir: string): Promise<Map<number, { offset: number; receiptTime: number }>> {
  const furthest = new Map<number, { offset: number; receiptTime: number }>()
  for (const name of await readdir(cursorsDirectory(dir))) {
    const partition = /\.(\d+)\.json$/.exec(name)?.[1]
    if (partition === undefined) continue
    const path = join(cursorsDirectory(dir), name)
    const cursor = readable(path, await readFile(path, 'utf8'))
    if (cursor === undefined) continue
    const known = furthest.get(Number(partition))
    furthest.set(Number(partition), {
      offset: Math.max(known?.offset ?? 0, cursor.offset),
      receiptTime: Math.max(known?.receiptTime ?? 0, cursor.note.receiptTime)
    })
  }
  return furthest
}

function readable(path: string, text: string): Cursor | undefined {
  try {
    return parseCursor(path, text)
  } catch (error) {
    if (error instanceof CulvertError && error.code === 'CURSOR_DAMAGED') return undefined
    throw error
  }
}

function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
