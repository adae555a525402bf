import type { Processor } from '../src/core/contract.ts'
import { firstStop } from '../src/core/json-stops.ts'
import type { RecordView } from '../src/core/record.ts'
import { otherPairs, placedFields, type RouterLine } from '../src/core/router-line.ts'
import { eachLog } from './processor.ts'
import { RangePool } from './range-pool.ts'
import { pairKeys, ScannedRouterLine } from './router-line.ts'
import { createTraceFinder, traceKeys } from './router-trace.ts'

/**
 * Reads gorouter's access lines (routing-release accesslog/schema): fields in fixed places, then `key:value` pairs in any
 * order, so that older and newer lines and the operator's extra fields all fit. A line that is none stays a line of text.
 */
export function routerLog(): Processor {
  const pool = new RangePool()
  return eachLog('router-log', event => {
    if (event.source.type !== 'RTR' || event.changes?.message !== undefined || event.detail !== undefined) return event
    const detail = scanRouterLine(event.record, event.messageStart, event.messageEnd, pool)
    return detail === undefined ? event : event.withDetail(detail)
  })
}

const space = 0x20
const quote = 0x22
const colon = 0x3a
const dash = 0x2d
const openBracket = 0x5b
const point = 0x2e
const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
const closeBracket = 0x5d

const trace = createTraceFinder()

/** Undefined if the bytes are no access line. */
export function scanRouterLine(
  { bytes, view }: RecordView,
  start: number,
  end: number,
  pool: RangePool
): RouterLine | undefined {
  const hostEnd = endOfHost(bytes, start, end)
  if (hostEnd < 0) return undefined
  let p = hostEnd + 4
  while (p < end && bytes[p] !== closeBracket) p++
  if (p >= end || bytes[p + 1] !== space) return undefined
  const timeEnd = p
  p = skipSpaces(bytes, p + 1, end)
  if (bytes[p] !== quote) return undefined
  const request = p + 1
  const requestEnd = closingQuote(view, request, end)
  if (requestEnd < 0) return undefined

  pool.reserve(otherPairs + 1 + maxOthers)
  const { ints, at } = pool
  ints.fill(0, at, at + otherPairs + 1)
  put(ints, at, start, hostEnd)
  put(ints, at + 2, hostEnd + 4, timeEnd)
  putRequest(ints, at, bytes, request, requestEnd)
  p = requestEnd + 1

  // The oldest lines have no backend address: places end at the first `key:`.
  const others = at + otherPairs + 1
  trace.forget()
  let othersEnd = others
  let place = 10
  for (p = skipSpaces(bytes, p, end); p < end; p = skipSpaces(bytes, p, end)) {
    const from = p
    if (bytes[p] === quote) {
      const close = closingQuote(view, p + 1, end)
      if (close < 0) break
      if (place < placesEnd) put(ints, at + place, from + 1, close)
      place += 2
      p = close + 1
      continue
    }
    // Keys are header or field names: a letter first, and no point, so that `10.0.0.1:8080` is none.
    let isName = isLetter(bytes[p]!)
    for (let byte = bytes[p]; p < end && byte !== space && byte !== colon; byte = bytes[++p]) {
      if (byte === point) isName = false
    }
    if (bytes[p] !== colon || p >= end || !isName) {
      while (p < end && bytes[p] !== space) p++ // unquoted: a number, or an address on older lines
      if (place < placesEnd) put(ints, at + place, from, p)
      place += 2
      continue
    }
    place = Number.POSITIVE_INFINITY
    const keyEnd = p++
    let valueStart = p
    let valueEnd: number
    if (bytes[p] === quote) {
      valueStart = p + 1
      valueEnd = closingQuote(view, valueStart, end)
      if (valueEnd < 0) break
      p = valueEnd + 1
    } else {
      while (p < end && bytes[p] !== space) p++
      valueEnd = p
    }
    const slot = slotOf(bytes, from, keyEnd)
    if (slot >= 0 && slot < otherPairs) put(ints, at + slot, valueStart, valueEnd)
    else if (othersEnd - others < maxOthers) {
      if (slot >= otherPairs) trace.note(slot - otherPairs, othersEnd + 2, bytes, valueStart, valueEnd)
      ints[othersEnd] = from
      ints[othersEnd + 1] = keyEnd
      ints[othersEnd + 2] = valueStart
      ints[othersEnd + 3] = valueEnd
      othersEnd += 4
    }
  }
  if (ints[at + 10] === 0 && ints[at + 6] === 0) return undefined
  ints[at + otherPairs] = (othersEnd - others) / 4
  trace.put(ints, at, bytes)
  pool.at = othersEnd
  return new ScannedRouterLine(bytes, ints, at)
}

const placesEnd = placedFields.length * 2
/** At most 64 fields that an operator added; more is no access line of anybody's. */
const maxOthers = 256

function put(ranges: Int32Array, at: number, start: number, end: number): void {
  if (ranges[at] !== 0) return
  ranges[at] = start
  ranges[at + 1] = end
}

/** Where ` - [` begins, or -1. */
function endOfHost(bytes: Uint8Array, start: number, end: number): number {
  for (let p = start; p + 4 < end; p++) {
    if (bytes[p] !== space) continue
    if (bytes[p + 1] === dash && bytes[p + 2] === space && bytes[p + 3] === openBracket) return p
  }
  return -1
}

/** Method, target and protocol; a request of another form is all target. */
function putRequest(ints: Int32Array, at: number, bytes: Uint8Array, start: number, end: number): void {
  let methodEnd = start
  while (methodEnd < end && bytes[methodEnd] !== space) methodEnd++
  let protocol = end - 1
  while (protocol > methodEnd && bytes[protocol] !== space) protocol--
  if (protocol <= methodEnd) put(ints, at + 6, start, end)
  else {
    put(ints, at + 4, start, methodEnd)
    put(ints, at + 6, methodEnd + 1, protocol)
    put(ints, at + 8, protocol + 1, end)
  }
}

function skipSpaces(bytes: Uint8Array, p: number, end: number): number {
  while (p < end && bytes[p] === space) p++
  return p
}

/** Position of the quote that ends what begins at `p`, or -1. */
function closingQuote(view: DataView, p: number, end: number): number {
  while (p < end) {
    // The lowest flag set is right (Hacker's Delight, 6-1: zero bytes of a word).
    const word = view.getInt32(p, true)
    const quotes = word ^ 0x22222222
    const backslashes = word ^ 0x5c5c5c5c
    const flags = (((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes)) & 0x80808080
    if (flags === 0) {
      p += 4
      continue
    }
    p += firstStop(flags)
    if (p >= end) return -1
    if (view.getUint8(p) === quote) return p
    p += 2
  }
  return -1
}

/** Keys that have a place, then those that may say the trace; by length, so that few are compared. */
const keysByLength = Array.from({ length: 18 }, (_, length) =>
  [...pairKeys, ...traceKeys.map((name, index) => ({ bytes: Buffer.from(name), slot: otherPairs + index }))].filter(
    ({ bytes }) => bytes.length === length
  )
)

/** The place of a pair; from `otherPairs` on that of a trace key; -1 for all others. */
function slotOf(bytes: Uint8Array, start: number, end: number): number {
  if (end - start >= keysByLength.length) return -1
  const keys = keysByLength[end - start]!
  search: for (let k = 0; k < keys.length; k++) {
    const { bytes: key, slot } = keys[k]!
    for (let i = 0; i < key.length; i++) if (bytes[start + i] !== key[i]) continue search
    return slot
  }
  return -1
}
