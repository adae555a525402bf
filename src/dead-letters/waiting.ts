import { open } from 'node:fs/promises'
import { putBackPrefix, waitingPrefix } from './letter.ts'

const windowBytes = 2 ** 20
const lineFeed = 0x0a
const shown = waitingPrefix.length

/** Lines of a part of a file: letters that wait, and lines that are no letters. `end` is the beginning of the line after them. */
interface Tally {
  readonly waiting: number
  readonly others: number
  readonly end: number
}

/** Goes through a file's lines from an offset on, which is the beginning of one, in windows. What a crash left at the end counts as another. */
async function* tally(path: string, from: number): AsyncGenerator<Tally> {
  const file = await open(path, 'r')
  const window = Buffer.allocUnsafe(windowBytes)
  let kind: 'waiting' | 'others' | 'done' | undefined
  let end = from
  /** Bytes at the beginning of the window that are too few to tell what line they begin. */
  let rest = 0
  try {
    for (let position = from; ; ) {
      const { bytesRead } = await file.read(window, rest, windowBytes - rest, position)
      const length = rest + bytesRead
      const offset = position - rest
      position += bytesRead
      const counts = { waiting: 0, others: 0, done: 0 }
      let at = 0
      while (at < length) {
        if (kind === undefined && length - at < shown && bytesRead > 0) break
        kind ??= kindAt(window, at, length)
        const next = window.subarray(0, length).indexOf(lineFeed, at)
        at = next < 0 ? length : next + 1
        if (next < 0) break
        counts[kind]++
        kind = undefined
        end = offset + at
      }
      rest = length - at
      window.copyWithin(0, at, length)
      const torn = bytesRead === 0 && kind !== undefined
      yield { waiting: counts.waiting, others: counts.others + (torn ? 1 : 0), end }
      if (bytesRead === 0) return
    }
  } finally {
    await file.close()
  }
}

function kindAt(window: Buffer, at: number, length: number): 'waiting' | 'others' | 'done' {
  const begins = (prefix: Buffer): boolean =>
    length - at >= shown && window.compare(prefix, 0, shown, at, at + shown) === 0
  return begins(waitingPrefix) ? 'waiting' : begins(putBackPrefix) ? 'done' : 'others'
}

/** Letters that wait from an offset on, the beginning of a line; `end` is where to go on. */
export async function countWaiting(path: string, from: number): Promise<{ waiting: number; end: number }> {
  let waiting = 0
  let end = from
  for await (const part of tally(path, from)) {
    waiting += part.waiting
    end = part.end
  }
  return { waiting, end }
}

/** Whether a letter waits in a file, or something lies in it that is none. */
export async function hasWaiting(path: string): Promise<boolean> {
  for await (const { waiting, others } of tally(path, 0)) if (waiting + others > 0) return true
  return false
}
