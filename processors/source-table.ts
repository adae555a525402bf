import { randomBytes } from 'node:crypto'
import type { Source } from '../src/core/source.ts'

/**
 * One object per distinct source, found by the bytes of the header and tags without making a string.
 *
 * The hash only finds candidates: all bytes are compared before a source is taken, since senders choose the bytes. It is keyed
 * per process, so that nobody can prepare bytes that all fall into one chain; a chain past `maxChain` is dropped and begun anew.
 * Two generations bound the table: when the young one is full the old one goes, and whatever is still seen moves over.
 */
export interface SourceEntry {
  readonly source: Source
  /** The bytes that stand for the source: HOSTNAME to the end of the tags, or for a metric the names and the tags. */
  readonly bytes: Buffer
  next: SourceEntry | undefined
  /** For tie-breaks: the record last seen, and its distinct microseconds with their counts. */
  record: number
  readonly micros: number[]
  readonly counts: number[]
}

const maxChain = 16

export const createEntry = (source: Source, bytes: Buffer): SourceEntry => ({
  source,
  bytes,
  next: undefined,
  record: -1,
  micros: [],
  counts: []
})

export function createSourceTable(maxSources: number) {
  const generation = Math.max(1, Math.floor(maxSources / 2))
  const seed = randomBytes(4).readInt32LE(0)
  let young = new Map<number, SourceEntry>()
  let old = new Map<number, SourceEntry>()
  let youngSize = 0
  let oldSize = 0

  function find(chain: SourceEntry | undefined, bytes: Buffer, start: number, end: number): SourceEntry | undefined {
    for (let entry = chain; entry !== undefined; entry = entry.next) {
      if (entry.bytes.length === end - start && entry.bytes.compare(bytes, start, end) === 0) return entry
    }
    return undefined
  }

  function put(hash: number, entry: SourceEntry): void {
    if (youngSize >= generation) {
      old = young
      oldSize = youngSize
      young = new Map()
      youngSize = 0
    }
    const chain = young.get(hash)
    let length = 0
    for (let other = chain; other !== undefined; other = other.next) length++
    if (length >= maxChain) youngSize -= length
    entry.next = length >= maxChain ? undefined : chain
    young.set(hash, entry)
    youngSize++
  }

  return {
    /** The entry for these bytes; `create` makes the source when it is new. */
    intern(bytes: Buffer, start: number, end: number, create: () => Source): SourceEntry {
      const hash = hashOf(bytes, start, end, seed)
      const known = find(young.get(hash), bytes, start, end)
      if (known !== undefined) return known
      const aged = find(old.get(hash), bytes, start, end)
      const entry = aged === undefined ? createEntry(create(), Buffer.from(bytes.subarray(start, end))) : { ...aged }
      put(hash, entry)
      return entry
    },
    get size(): number {
      return youngSize + oldSize
    }
  }
}

function hashOf(bytes: Buffer, start: number, end: number, seed: number): number {
  let hash = seed
  let p = start
  for (; p + 4 <= end; p += 4) {
    const word = bytes[p]! | (bytes[p + 1]! << 8) | (bytes[p + 2]! << 16) | (bytes[p + 3]! << 24)
    hash = Math.imul(hash ^ word, 0x5bd1e995)
    hash ^= hash >>> 15
  }
  for (; p < end; p++) hash = Math.imul(hash ^ bytes[p]!, 0x5bd1e995)
  return hash ^ (hash >>> 13)
}

/** The number of earlier frames of this source and microsecond in the record, and counts this one. */
export function tieBreak(entry: SourceEntry, record: number, micros: number): number {
  const { micros: seen, counts } = entry
  if (entry.record !== record) {
    entry.record = record
    seen.length = counts.length = 0
  }
  for (let i = seen.length - 1; i >= 0; i--) {
    if (seen[i] === micros) return Math.min(999, counts[i]!++)
    if (seen[i]! < micros && i === seen.length - 1) break // times mostly rise: a later one than the latest is new
  }
  const at = seen.findLastIndex(other => other < micros) + 1
  seen.splice(at, 0, micros)
  counts.splice(at, 0, 1)
  return 0
}
