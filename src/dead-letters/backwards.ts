import type { FileHandle } from 'node:fs/promises'

export interface Line {
  /** Offset of its first byte in the file. */
  readonly start: number
  /** Without the line feed. Belongs to the reader: good until the next call. */
  readonly bytes: Buffer
}

const lineFeed = 0x0a
const windowBytes = 256 * 1024
/** The longest line: a frame of 1 MiB in base64, and its event twice as JSON with escapes. Longer ones are skipped. */
export const maxLineBytes = 16 * 2 ** 20

/** Reads a file's whole lines before `end`, the last one first, in windows. A torn last line is skipped and counted. */
export function createBackwards(file: FileHandle, end: number) {
  let window = Buffer.allocUnsafe(windowBytes)
  /** Before this position everything is still to be read; after it nothing is. */
  let rest = end
  /** The bytes just before `rest` belong to a line that is skipped. */
  let skipping: boolean | undefined
  let skipped = 0
  let bytesRead = 0

  async function read(size: number): Promise<{ from: number; bytes: Buffer }> {
    const from = Math.max(0, rest - size)
    if (window.length < rest - from) window = Buffer.allocUnsafe(size)
    const { bytesRead: got } = await file.read(window, 0, rest - from, from)
    bytesRead += got
    rest = from + got // where somebody has cut the file
    return { from, bytes: window.subarray(0, got) }
  }

  return {
    /** Lines that are none of ours to give out: torn, or too long. */
    get skipped() {
      return skipped
    },
    get bytesRead() {
      return bytesRead
    },
    /** Some lines, the last one first; undefined at the beginning of the file. */
    async next(): Promise<Line[] | undefined> {
      for (let size = windowBytes; rest > 0; ) {
        const { from, bytes } = await read(size)
        if (bytes.length === 0) {
          rest = from
          continue
        }
        skipping ??= bytes[bytes.length - 1] !== lineFeed
        if (skipping) {
          const last = bytes.lastIndexOf(lineFeed)
          rest = from + last + 1
          if (last < 0 && from > 0) continue
          skipped++
          skipping = false
          continue
        }
        const first = from === 0 ? 0 : bytes.indexOf(lineFeed) + 1
        if (first < bytes.length && (first > 0 || from === 0)) {
          rest = from + first
          return linesOf(bytes, first, from)
        }
        if (size >= maxLineBytes) {
          rest = from
          skipping = true
          size = windowBytes
        } else size *= 2
      }
      return undefined
    }
  }
}

/** The lines from `first` on, the last one first; each ends with a line feed. */
function linesOf(bytes: Buffer, first: number, offset: number): Line[] {
  const lines: Line[] = []
  for (let start = first; start < bytes.length; ) {
    const end = bytes.indexOf(lineFeed, start)
    lines.push({ start: offset + start, bytes: bytes.subarray(start, end) })
    start = end + 1
  }
  return lines.reverse()
}
