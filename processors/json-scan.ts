import { jsonRanges } from '../src/core/json-line.ts'
import { firstStop, jsonStops } from '../src/core/json-stops.ts'
import type { RecordView } from '../src/core/record.ts'
import { type KnownKey, knownKeys } from './json-keys.ts'
import { RangePool } from './range-pool.ts'

/**
 * Walks an app's JSON object once, over bytes, and answers three things: is it valid, may its bytes be spliced into another
 * document as they are, and where are the values that we care for.
 *
 * "It parses" does not make it safe to splice: JSON.parse accepts duplicate keys and Elasticsearch refuses them. So keys are
 * compared per object (a bloom word first), and anything that needs a closer look is `doubtful`: escaped, empty or dotted keys
 * that could be equal in another reading, lone surrogates, depth beyond `maxDepth`, numbers that doubles cannot hold. Doubtful
 * objects are parsed and printed by whoever encodes them. test/processors/json-scan.test.ts holds this against JSON.parse and a
 * strict duplicate-key reference.
 */
export const maxDepth = 16

export const slotOf: ReadonlyMap<KnownKey, number> = new Map(knownKeys.map((key, index) => [key, index]))

export type Verdict = 'invalid' | 'doubtful' | 'safe'

export interface Scan {
  /** Start and end of the value of knownKeys[i] at 2i and 2i + 1; 0 where the key is missing. */
  readonly values: Int32Array
  /** Where the line's ranges begin in the pool. The part from `jsonRanges.numbers` on is written; whoever keeps it moves the pool on. */
  readonly pool: RangePool
  rangesEnd: number
}

const maxNumbers = 64
const maxPathLength = 256
/** Of one object: to compare each key with all before it would take ever longer. JSON.parse does not mind how many there are. */
const maxKeys = 128
const maxRanges = jsonRanges.numbers + 1 + maxNumbers * (3 + 2 * maxDepth)

const bucketOf = (length: number, first: number, last: number): number => (length * 37 + first * 17 + last) & 255
const buckets: { bytes: Uint8Array; slot: number }[][] = Array.from({ length: 256 }, () => [])
for (const [index, key] of knownKeys.entries()) {
  const bytes = Buffer.from(key)
  buckets[bucketOf(bytes.length, bytes[0]!, bytes.at(-1)!)]!.push({ bytes, slot: index })
}

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d

/** What is scanned, twice: three bytes more than that must be there. */
export type Bytes = Pick<RecordView, 'bytes' | 'view'>

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2)
  larger.set(array)
  return larger
}

/** One scanner for one thread. */
export function createJsonScanner() {
  const pool = new RangePool()
  const values = new Int32Array(knownKeys.length * 2)
  const found: Scan = { values, pool, rangesEnd: 0 }
  let ints = pool.ints
  let intsEnd = 0
  let record: Bytes = { bytes: Buffer.alloc(0), view: new DataView(new ArrayBuffer(0)) }
  let { bytes } = record
  let end = 0
  let doubtful = false
  let escaped = false
  let arrays = 0
  let numberCount = 0
  let numbersUsable = true
  /** Start and end of the keys of all open objects; those of the innermost come last. */
  let keys = new Int32Array(256)
  let keysEnd = 0
  /** Start and end of the keys on the way to the value at hand. */
  const path = new Int32Array(2 * maxDepth)
  let depthOfPath = 0

  function skipSpace(p: number): number {
    let byte = bytes[p]
    while (byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a) {
      if (byte === 0x0a || byte === 0x0d) doubtful = true // would end a line of NDJSON
      byte = bytes[++p]
    }
    return p
  }

  /** After the closing quote, or -1; `p` is after the opening one. Sets `escaped`. */
  function string(p: number): number {
    const b = bytes
    const { view } = record
    for (;;) {
      if (p >= end) return -1
      const flags = jsonStops(view.getInt32(p, true))
      if (flags === 0) {
        p += 4
        continue
      }
      p += firstStop(flags)
      if (p >= end) return -1
      const byte = b[p]
      if (byte === 0x22) return p + 1
      if (byte !== 0x5c) return -1
      escaped = true
      const kind = b[p + 1]
      if (kind === 0x75) {
        const unit = hex4(p + 2)
        if (unit < 0) return -1
        if (unit >= 0xd800 && unit <= 0xdfff) {
          const low = unit < 0xdc00 && b[p + 6] === 0x5c && b[p + 7] === 0x75 ? hex4(p + 8) : -1
          if (low >= 0xdc00 && low <= 0xdfff) p += 6
          else doubtful = true
        }
        p += 6
      } else if (
        kind === 0x22 ||
        kind === 0x5c ||
        kind === 0x2f ||
        kind === 0x62 ||
        kind === 0x66 ||
        kind === 0x6e ||
        kind === 0x72 ||
        kind === 0x74
      ) {
        p += 2
      } else return -1
    }
  }

  function hex4(p: number): number {
    let value = 0
    for (let i = 0; i < 4; i++) {
      const byte = bytes[p + i]!
      const digit = byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57
      if (!(digit >= 0 && digit <= 15) || (byte > 0x39 && digit < 10)) return -1
      value = value * 16 + digit
    }
    return value
  }

  /** After the number, or -1. */
  function number(p: number): number {
    const b = bytes
    const from = p
    if (b[p] === 0x2d) p++
    if (b[p] === 0x30) p++
    else if (b[p]! >= 0x31 && b[p]! <= 0x39)
      do p++
      while (b[p]! >= 0x30 && b[p]! <= 0x39)
    else return -1
    if (b[p] === 0x2e) {
      const fraction = ++p
      while (b[p]! >= 0x30 && b[p]! <= 0x39) p++
      if (p === fraction) return -1
    }
    let exponent = 0
    if (b[p] === 0x65 || b[p] === 0x45) {
      p++
      if (b[p] === 0x2b || b[p] === 0x2d) p++
      exponent = p
      while (b[p]! >= 0x30 && b[p]! <= 0x39) p++
      if (p === exponent) return -1
      exponent = p - exponent
    }
    if (exponent > 2 || p - from > 40) doubtful = true
    return p
  }

  function word(p: number, text: string): number {
    for (let i = 1; i < text.length; i++) if (bytes[p + i] !== text.charCodeAt(i)) return -1
    return p + text.length
  }

  function value(p: number, depth: number): number {
    switch (bytes[p]) {
      case 0x22:
        return string(p + 1)
      case 0x7b:
        return object(p + 1, depth + 1)
      case 0x5b:
        return array(p + 1, depth + 1)
      case 0x74:
        return word(p, 'true')
      case 0x66:
        return word(p, 'false')
      case 0x6e:
        return word(p, 'null')
      default: {
        const after = number(p)
        if (after > 0 && arrays === 0) remember(p, after)
        return after
      }
    }
  }

  function remember(start: number, after: number): void {
    if (++numberCount > maxNumbers || !isPlainPath()) {
      numbersUsable = false
      return
    }
    ints[intsEnd++] = depthOfPath
    for (let i = 0; i < 2 * depthOfPath; i++) ints[intsEnd++] = path[i]!
    ints[intsEnd++] = start
    ints[intsEnd++] = after
  }

  /**
   * `a.b` and `a: { b }` would be one field, so a key with a dot needs a closer look; so does one that may be blank, in any of Unicode's
   * ways, and a path that may be too long for a field's name.
   */
  function isPlainPath(): boolean {
    if (depthOfPath > maxDepth) return false
    let length = depthOfPath - 1
    for (let i = 0; i < 2 * depthOfPath; i += 2) {
      const keyEnd = path[i + 1]!
      length += keyEnd - path[i]!
      if (length > maxPathLength) return false
      for (let p = path[i]!; p < keyEnd; p++) {
        const byte = bytes[p]!
        if (byte === 0x2e || byte <= 0x20 || byte >= 0x80) return false
      }
    }
    return true
  }

  function array(p: number, depth: number): number {
    if (depth > maxDepth) doubtful = true
    if (depth > 500) return -1 // JSON.parse decides; here only the stack matters
    arrays++
    p = skipSpace(p)
    if (bytes[p] === 0x5d) {
      arrays--
      return p + 1
    }
    for (;;) {
      p = value(skipSpace(p), depth)
      if (p < 0) return -1
      p = skipSpace(p)
      if (bytes[p] === 0x5d) break
      if (bytes[p] !== 0x2c) return -1
      p++
    }
    arrays--
    return p + 1
  }

  function object(p: number, depth: number): number {
    if (depth > maxDepth) doubtful = true
    if (depth > 500) return -1
    const first = keysEnd
    let bloom = 0
    p = skipSpace(p)
    if (bytes[p] === 0x7d) return p + 1
    for (;;) {
      p = skipSpace(p)
      if (bytes[p] !== 0x22) return -1
      const start = p + 1
      escaped = false
      p = string(start)
      if (p < 0) return -1
      const keyEnd = p - 1
      const length = keyEnd - start
      if (escaped || length === 0) doubtful = true
      const bit = 1 << ((length * 7 + bytes[start]! * 3 + bytes[keyEnd - 1]! * 5 + bytes[start + (length >> 1)]!) & 31)
      if (keysEnd - first >= 2 * maxKeys || ((bloom & bit) !== 0 && isKnown(first, start, keyEnd))) doubtful = true
      bloom |= bit
      if (keysEnd === keys.length) keys = grown(keys)
      keys[keysEnd++] = start
      keys[keysEnd++] = keyEnd
      p = skipSpace(p)
      if (bytes[p] !== 0x3a) return -1
      p = skipSpace(p + 1)
      const from = p
      if (arrays === 0) {
        if (depthOfPath < maxDepth) {
          path[2 * depthOfPath] = start
          path[2 * depthOfPath + 1] = keyEnd
        }
        depthOfPath++
      }
      p = value(p, depth)
      if (arrays === 0) depthOfPath--
      if (p < 0) return -1
      if (depth === 1) note(start, keyEnd, from, p)
      p = skipSpace(p)
      if (bytes[p] === 0x7d) break
      if (bytes[p] !== 0x2c) return -1
      p++
    }
    keysEnd = first
    return p + 1
  }

  function isKnown(first: number, start: number, keyEnd: number): boolean {
    search: for (let i = first; i < keysEnd; i += 2) {
      const other = keys[i]!
      if (keys[i + 1]! - other !== keyEnd - start) continue
      for (let j = 0; j < keyEnd - start; j++) if (bytes[other + j] !== bytes[start + j]) continue search
      return true
    }
    return false
  }

  function note(start: number, keyEnd: number, from: number, after: number): void {
    const length = keyEnd - start
    const bucket = buckets[bucketOf(length, bytes[start]!, bytes[keyEnd - 1]!)]!
    search: for (let i = 0; i < bucket.length; i++) {
      const known = bucket[i]!
      if (known.bytes.length !== length) continue
      for (let j = 0; j < length; j++) if (known.bytes[j] !== bytes[start + j]) continue search
      values[known.slot * 2] = from
      values[known.slot * 2 + 1] = after
    }
  }

  function scan(from: Bytes, start: number, stopAt: number): Verdict {
    record = from
    bytes = from.bytes
    end = stopAt
    doubtful = false
    arrays = numberCount = 0
    numbersUsable = true
    keysEnd = depthOfPath = 0
    values.fill(0)
    pool.reserve(maxRanges)
    ints = pool.ints
    const numbers = pool.at + jsonRanges.numbers
    intsEnd = numbers + 1
    let p = bytes[start] === 0x7b ? object(start + 1, 1) : -1
    while (p > 0 && p < end && isSpace(bytes[p]!)) p++
    const whole = p === end
    if (!numbersUsable) intsEnd = numbers + 1
    ints[numbers] = numbersUsable ? intsEnd - numbers - 1 : -1
    found.rangesEnd = intsEnd
    return !whole ? 'invalid' : doubtful ? 'doubtful' : 'safe'
  }

  return {
    /** What the last scan found, until the next one. */
    found,
    scan
  }
}
export type JsonScanner = ReturnType<typeof createJsonScanner>
