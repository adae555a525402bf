import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DeadLetter } from './core/dead-letter.ts'
import { CulvertError, messageOf } from './core/errors.ts'
import type { Event } from './core/event.ts'
import { logRow, metricRow } from './core/plain.ts'
import { formatBytes } from './core/quantities.ts'
import { folderOf, nameOf, readName } from './dead-letters/files.ts'
import { type LetterPlace, settle, sweep } from './dead-letters/settle.ts'
import { makeDirectory } from './journal/durable.ts'

/** An event that a store refused for good, and the store's words. */
export interface Refused {
  readonly event: Event
  readonly reason: string
}

export interface DeadLetters {
  /** Synced when it resolves: only then may the lane commit. Throws DEAD_LETTERS_FULL or DEAD_LETTERS_FAILING, both retryable. */
  append(letters: readonly Refused[]): Promise<void>
}

/** What the put-back does to the files, in turn with what is appended. */
export interface SettledLetters {
  /** Marks letters as put back, one byte each: whatever happens, a letter waits or is done. Synced when it resolves. */
  settle(places: readonly LetterPlace[]): Promise<void>
  /** Deletes the lane's files in which no letter waits and nothing else lies; answers how many. */
  sweep(): Promise<number>
}

export interface DeadLettersOptions {
  /** The data directory. */
  readonly dir: string
  readonly lane: string
  /** A file that has so many bytes is followed by another one. */
  readonly maxFileBytes?: number
  /** When the lane's files have so many bytes, somebody must look at them and move them away: the lane waits. */
  readonly maxBytes?: number
}

/** So many lines are made at once. */
const lettersPerWrite = 64

/**
 * Appends what a store refused for good to `dir/dead-letters/<lane>.<day>.<number>.ndjson` (0600: it holds unredacted text). Opened anew
 * for each append, since that is rare, and so that people may move the files away at any time.
 */
export function createDeadLetters(options: DeadLettersOptions): DeadLetters & SettledLetters {
  const { dir, lane, maxFileBytes = 64 * 2 ** 20, maxBytes = 2 ** 30 } = options
  const folder = folderOf(dir)
  let turn: Promise<unknown> = Promise.resolve()

  /** The file to go on with: the last one of the day, or the one after it. */
  async function fileOf(day: string): Promise<string> {
    let total = 0
    let last = { number: 1, bytes: 0 }
    for (const name of await readdir(folder)) {
      const known = readName(name)
      if (known?.lane !== lane) continue
      const { size } = await stat(join(folder, name))
      total += size
      if (known.day === day && known.number >= last.number) last = { number: known.number, bytes: size }
    }
    if (total >= maxBytes) {
      const text = `${folder} holds more than ${formatBytes(maxBytes)} of dead letters of the lane ${lane}.`
      throw new CulvertError('DEAD_LETTERS_FULL', text, { retryable: true })
    }
    const number = last.bytes >= maxFileBytes ? last.number + 1 : last.number
    return join(folder, nameOf(lane, day, number))
  }

  async function write(letters: readonly Refused[]): Promise<void> {
    const at = new Date().toISOString()
    await makeDirectory(folder)
    const file = await open(await fileOf(at.slice(0, 10)), 'a+', 0o600)
    try {
      const before = await cutTornLine(file)
      try {
        for (let i = 0; i < letters.length; i += lettersPerWrite) {
          const lines = letters.slice(i, i + lettersPerWrite).map(letter => lineOf(letter, lane, at))
          await file.appendFile(lines.join(''))
        }
        await file.datasync()
        if (before === 0) await syncFolder(folder)
      } catch (error) {
        await file.truncate(before).catch(() => undefined) // the lane appends all of them again
        throw error
      }
    } finally {
      await file.close()
    }
  }

  /** One at a time: lines of two batches must not mix, and nothing may be appended to a file that goes. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const worked = turn.then(work).catch(asFailure)
    turn = worked.catch(() => undefined)
    return worked
  }

  return {
    append: letters => inTurn(() => write(letters)),
    settle: places => inTurn(() => settle(folder, places)),
    sweep: () => inTurn(() => sweep(folder, lane))
  }

  function asFailure(cause: unknown): never {
    if (cause instanceof CulvertError) throw cause
    const text = `Dead letters of the lane ${lane} could not be written: ${messageOf(cause)}.`
    throw new CulvertError('DEAD_LETTERS_FAILING', text, { cause, retryable: true })
  }
}

/** What a crash left behind the last whole line goes: its event was not committed and comes again. Answers the file's size. */
async function cutTornLine(file: FileHandle): Promise<number> {
  const window = Buffer.allocUnsafe(64 * 1024)
  const { size } = await file.stat()
  let end = size
  while (end > 0) {
    const from = Math.max(0, end - window.length)
    const { bytesRead } = await file.read(window, 0, end - from, from)
    const lineFeed = window.lastIndexOf(0x0a, bytesRead - 1)
    if (lineFeed >= 0 && lineFeed < bytesRead) {
      end = from + lineFeed + 1
      break
    }
    end = from
  }
  if (end < size) await file.truncate(end)
  return end
}

async function syncFolder(folder: string): Promise<void> {
  const directory = await open(folder, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function lineOf({ event, reason }: Refused, lane: string, at: string): string {
  const { record, frame } = event
  const letter: DeadLetter = {
    putBack: 0, // first: see waitingPrefix
    at,
    lane,
    id: event.id,
    reason,
    receiptTime: record.receiptTime,
    listener: record.listener,
    sequence: frame,
    tieBreak: event.tieBreak,
    marks: record.frameMarks(frame),
    event: readable(event),
    frame: record.frameBytes(frame).toString('base64')
  }
  return `${JSON.stringify(letter)}\n`
}

/** The frame is what counts: an event that we cannot read must not hold back its lane for ever. */
function readable(event: Event): unknown {
  try {
    return logRow(event) ?? metricRow(event)
  } catch {
    return undefined
  }
}
