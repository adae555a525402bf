import { randomBytes } from 'node:crypto'
import type { RecordView } from '../src/core/record.ts'
import type { Source } from '../src/core/source.ts'

/**
 * One object per distinct source, found by the bytes of the header and tags without making a string.
 *
 * The hash only finds candidates: all bytes are compared before a source is taken, since senders choose the bytes. It is keyed
 * per process, and a chain past `maxChain` is dropped and begun anew: bytes can be prepared that fall into one chain with any key.
 * Most sources are found by a hash of their first bytes among those seen lately, without a look for where they end.
 * Two generations bound the table: when the young one is full the old one goes, and whatever is still seen moves over.
 */
export interface SourceEntry {
  readonly source: Source
  /** The bytes that stand for the source: HOSTNAME to the end of the tags, or for a metric the names and the tags. */
  readonly bytes: Buffer
  next: SourceEntry | undefined
  /** Of the source, whichever of its entries is found. */
  readonly times: Times
}

/** For tie-breaks: the record last seen, and how many distinct microseconds it had; these in order, with their counts. */
interface Times {
  record: number
  distinct: number
  micros: number[]
  counts: number[]
  /** The same, for a record whose times are out of order. */
  unordered: Map<number, number> | undefined
}

const maxChain = 16
/** A generation ends here too: tags may be as long as a frame. */
const maxYoungBytes = 32 * 2 ** 20
/** Enough for the sources that speak in one second on a large platform; a power of two. */
const recentSlots = 2048
/** So many sources whose first bytes are the same, as router lines of an app's instances, are remembered side by side. */
const ways = 4
const space = 0x20

/** The same bytes twice. */
type Bytes = Pick<RecordView, 'bytes' | 'view'>

export const createEntry = (source: Source, bytes: Buffer): SourceEntry => ({
  source,
  bytes,
  next: undefined,
  times: { record: -1, distinct: 0, micros: [], counts: [], unordered: undefined }
})

export function createSourceTable(maxSources: number) {
  const maxYoung = Math.max(1, Math.floor(maxSources / 2))
  const seed = randomBytes(4).readInt32LE(0)
  const recent = new Array<SourceEntry | undefined>(recentSlots * ways).fill(undefined)
  let turn = 0
  let young = new Map<number, SourceEntry>()
  let old = new Map<number, SourceEntry>()
  let youngSize = 0
  let youngBytes = 0
  let oldSize = 0

  function find(
    chain: SourceEntry | undefined,
    bytes: Uint8Array,
    start: number,
    end: number
  ): SourceEntry | undefined {
    for (let entry = chain; entry !== undefined; entry = entry.next) {
      if (entry.bytes.length === end - start && entry.bytes.compare(bytes, start, end) === 0) return entry
    }
    return undefined
  }

  function put(hash: number, entry: SourceEntry): void {
    if (youngSize >= maxYoung || youngBytes >= maxYoungBytes) {
      old = young
      oldSize = youngSize
      young = new Map()
      youngSize = youngBytes = 0
      recent.fill(undefined) // so that what is still seen moves over, and nothing else is held
    }
    const chain = young.get(hash)
    let length = 0
    for (let other = chain; other !== undefined; other = other.next) length++
    if (length >= maxChain) youngSize -= length
    entry.next = length >= maxChain ? undefined : chain
    young.set(hash, entry)
    youngSize++
    youngBytes += entry.bytes.length
  }

  function lookUp(bytes: Buffer, view: DataView, start: number, end: number, create: () => Source): SourceEntry {
    const hash = hashOf(view, start, end, seed)
    const known = find(young.get(hash), bytes, start, end)
    if (known !== undefined) return known
    const aged = find(old.get(hash), bytes, start, end)
    const entry = aged === undefined ? createEntry(create(), Buffer.from(bytes.subarray(start, end))) : { ...aged }
    put(hash, entry)
    return entry
  }

  return {
    /**
     * The entry of the source that begins at `start`, if it has been interned lately; before `stop` nothing or a space follows its
     * bytes.
     */
    recent({ bytes, view }: Bytes, start: number, stop: number): SourceEntry | undefined {
      const slot = slotOf(view, start, stop)
      for (let i = slot; i < slot + ways; i++) {
        const entry = recent[i]
        if (entry === undefined) continue
        const end = start + entry.bytes.length
        const fits = end === stop || (end < stop && bytes[end] === space)
        if (fits && entry.bytes.compare(bytes, start, end) === 0) return entry
      }
      return undefined
    },

    /** The entry for the bytes up to `end`, in a frame up to `stop`; `create` makes the source when it is new. */
    intern({ bytes, view }: Bytes, start: number, end: number, stop: number, create: () => Source): SourceEntry {
      const entry = lookUp(bytes, view, start, end, create)
      turn = (turn + 1) % ways
      recent[slotOf(view, start, stop) + turn] = entry
      return entry
    },
    get size(): number {
      return youngSize + oldSize
    }
  }
}

/** Of the bytes at the beginning, where names, guid and process usually stand. */
function slotOf(view: DataView, start: number, stop: number): number {
  const last = Math.min(stop - 4, start + 92)
  let hash = 0
  for (let p = start; p <= last; p += 4) hash = Math.imul(hash ^ view.getInt32(p, true), 0x5bd1e995)
  return ((hash ^ (hash >>> 15)) & (recentSlots - 1)) * ways
}

/** Two lanes of words, so that one multiplication need not wait for the other. */
function hashOf(view: DataView, start: number, end: number, seed: number): number {
  let one = seed
  let two = seed ^ (end - start)
  let p = start
  for (; p + 8 <= end; p += 8) {
    one = Math.imul(one ^ view.getInt32(p, true), 0x5bd1e995)
    two = Math.imul(two ^ view.getInt32(p + 4, true), 0x1b873593)
    one ^= one >>> 15
    two ^= two >>> 13
  }
  for (; p < end; p++) one = Math.imul(one ^ view.getUint8(p), 0x5bd1e995)
  const hash = Math.imul(one ^ (one >>> 13) ^ two, 0x5bd1e995)
  return hash ^ (hash >>> 15)
}

/** A record with so many distinct times of one source is rare: its lists are not kept beyond it. */
const maxKeptTimes = 64

/** A time that lies further back among the record's is looked up: to search and shift would take ever longer. */
const maxSteps = 32

/** Lets go of the lists of sources that had very many times in a record that is done. */
export function forgetTimes(large: SourceEntry[]): void {
  for (const { times } of large.splice(0)) {
    times.record = -1
    times.micros = []
    times.counts = []
    times.unordered = undefined
  }
}

/** The number of earlier frames of this source and microsecond in the record, and counts this one. Adds to `large` what to forget after it. */
export function tieBreak(entry: SourceEntry, record: number, time: number, large: SourceEntry[]): number {
  const { times } = entry
  if (times.record !== record) {
    times.record = record
    times.distinct = 1
    times.micros[0] = time
    times.counts[0] = 1
    return 0
  }
  if (times.unordered !== undefined) return count(times.unordered, time)
  const { micros, counts, distinct } = times
  const least = Math.max(0, distinct - maxSteps)
  let at = distinct
  while (at > least && micros[at - 1]! > time) at-- // times mostly rise
  if (at > 0 && micros[at - 1] === time) return Math.min(999, counts[at - 1]!++)
  if (at > 0 && micros[at - 1]! > time) {
    large.push(entry)
    times.unordered = new Map(micros.slice(0, distinct).map((other, i) => [other, counts[i]!]))
    return count(times.unordered, time)
  }
  for (let i = distinct; i > at; i--) {
    micros[i] = micros[i - 1]!
    counts[i] = counts[i - 1]!
  }
  micros[at] = time
  counts[at] = 1
  times.distinct++
  if (times.distinct === maxKeptTimes) large.push(entry)
  return 0
}

function count(times: Map<number, number>, time: number): number {
  const earlier = times.get(time) ?? 0
  times.set(time, earlier + 1)
  return Math.min(999, earlier)
}
