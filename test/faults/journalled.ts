import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'

/** The format of the journal, read without the product's own code: src/core/record.ts and src/journal/segment.ts say what it is. */
const headerBytes = 64
const segmentMagic = 0x4a525643
const recordMagic = 0x31525643

/**
 * Reads what a life of Culvert left behind: whole records, as they lie in the segment files. A killed process loses nothing that it wrote, so what is
 * whole is what was synced, and at most one group more. A reader remembers how far it has read.
 */
export function createJournalReader(dataDir: string) {
  const readTo = new Map<string, number>()

  /** The bytes of the frames of every record that is new since the last time. */
  function read(): string[] {
    const paths = globSync(join(dataDir, 'journal', '*', '*.segment')).sort()
    return paths.flatMap((path, i) => {
      const bytes = readFileSync(path)
      const from = readTo.get(path) ?? headerBytes
      const { frames, end } = framesIn(bytes, from, Math.min(bytes.length, endBy(paths[i + 1], path)))
      readTo.set(path, end)
      return frames
    })
  }
  return { read }
}

/** Where the good records of a file end: the header of the one that follows it in its partition says so. */
function endBy(next: string | undefined, path: string): number {
  if (next === undefined || dirname(next) !== dirname(path)) return Number.POSITIVE_INFINITY
  const header = readFileSync(next).subarray(0, headerBytes)
  if (header.length < headerBytes || header.readUInt32LE(0) !== segmentMagic) return Number.POSITIVE_INFINITY
  const base = Number(basename(path).slice(0, 16))
  return Math.max(0, header.readDoubleLE(16) - base) + headerBytes
}

function framesIn(bytes: Buffer, from: number, limit: number): { frames: string[]; end: number } {
  const frames: string[] = []
  let at = from
  while (at + headerBytes <= limit && bytes.readUInt32LE(at) === recordMagic) {
    const length = bytes.readUInt32LE(at + 4)
    if (length < headerBytes || at + length > limit) break
    if (bytes.readUInt32LE(at + 8) !== crc32(bytes.subarray(at + 12, at + length))) break
    frames.push(bytes.toString('latin1', at + headerBytes, at + bytes.readUInt32LE(at + 32)))
    at += length
  }
  return { frames, end: at }
}
