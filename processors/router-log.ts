import type { Processor } from '../src/core/contract.ts'
import { placedFields, type RouterLine, routerRangesLength } from '../src/core/router-line.ts'
import { eachLog } from './processor.ts'
import { pairKeys, ScannedRouterLine } from './router-line.ts'

/**
 * Reads gorouter's access lines (routing-release accesslog/schema): fields in fixed places, then `key:value` pairs in any
 * order, so that older and newer lines and the operator's extra fields all fit. A line that is none stays a line of text.
 */
export function routerLog(): Processor {
  return eachLog('router-log', event => {
    if (event.source.type !== 'RTR' || event.changes?.message !== undefined || event.detail !== undefined) return event
    const detail = scanRouterLine(event.record.bytes, event.messageStart, event.messageEnd)
    return detail === undefined ? event : event.with({ detail })
  })
}

const space = 0x20
const quote = 0x22
const backslash = 0x5c
const colon = 0x3a

/** Undefined if the bytes are no access line. */
export function scanRouterLine(bytes: Buffer, start: number, end: number): RouterLine | undefined {
  const ranges = new Int32Array(routerRangesLength)
  // A view, since indexOf has no end: it would look through all that follows the line in the record.
  const line = bytes.subarray(start, end)
  const dash = start + line.indexOf(' - [')
  if (dash < start) return undefined
  put(ranges, 0, start, dash)
  let p = start + line.indexOf(0x5d, dash + 4 - start)
  if (p < start || bytes[p + 1] !== space) return undefined
  put(ranges, 2, dash + 4, p)
  p = skipSpaces(bytes, p + 1, end)
  if (bytes[p] !== quote) return undefined
  const request = p + 1
  const requestEnd = closingQuote(bytes, request, end)
  if (requestEnd < 0) return undefined
  const methodEnd = start + line.indexOf(space, request - start)
  const protocolStart = bytes.lastIndexOf(space, requestEnd - 1)
  if (methodEnd < start || methodEnd >= requestEnd || protocolStart <= methodEnd) put(ranges, 6, request, requestEnd)
  else {
    put(ranges, 4, request, methodEnd)
    put(ranges, 6, methodEnd + 1, protocolStart)
    put(ranges, 8, protocolStart + 1, requestEnd)
  }
  p = requestEnd + 1

  // The oldest lines have no backend address: places end at the first `key:`.
  let others: number[] = noOthers
  let place = 10
  for (p = skipSpaces(bytes, p, end); p < end; p = skipSpaces(bytes, p, end)) {
    const from = p
    if (bytes[p] === quote) {
      const close = closingQuote(bytes, p + 1, end)
      if (close < 0) break
      if (place < placesEnd) put(ranges, place, from + 1, close)
      place += 2
      p = close + 1
      continue
    }
    while (p < end && bytes[p] !== space && bytes[p] !== colon) p++
    if (bytes[p] !== colon || p >= end || !isName(bytes, from, p)) {
      while (p < end && bytes[p] !== space) p++ // unquoted: a number, or an address on older lines
      if (place < placesEnd) put(ranges, place, from, p)
      place += 2
      continue
    }
    place = Number.POSITIVE_INFINITY
    const keyEnd = p++
    let valueStart = p
    let valueEnd: number
    if (bytes[p] === quote) {
      valueStart = p + 1
      valueEnd = closingQuote(bytes, valueStart, end)
      if (valueEnd < 0) break
      p = valueEnd + 1
    } else {
      while (p < end && bytes[p] !== space) p++
      valueEnd = p
    }
    const slot = pairSlot(bytes, from, keyEnd)
    if (slot >= 0) put(ranges, slot, valueStart, valueEnd)
    else {
      if (others === noOthers) others = []
      if (others.length < maxOthers) others.push(from, keyEnd, valueStart, valueEnd)
    }
  }
  return ranges[10] === 0 && ranges[6] === 0 ? undefined : new ScannedRouterLine(bytes, ranges, others)
}

const placesEnd = placedFields.length * 2
const noOthers: number[] = []
/** At most 64 fields that an operator added; more is no access line of anybody's. */
const maxOthers = 256

function put(ranges: Int32Array, at: number, start: number, end: number): void {
  if (ranges[at] !== 0) return
  ranges[at] = start
  ranges[at + 1] = end
}

function skipSpaces(bytes: Uint8Array, p: number, end: number): number {
  while (p < end && bytes[p] === space) p++
  return p
}

/** Position of the quote that ends what begins at `p`, or -1. */
function closingQuote(bytes: Uint8Array, p: number, end: number): number {
  while (p < end) {
    const byte = bytes[p]
    if (byte === quote) return p
    p += byte === backslash ? 2 : 1
  }
  return -1
}

/** Keys are header or field names: a letter first, so that `10.0.0.1:8080` is none. */
function isName(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start]! | 0x20
  if (start === end || first < 0x61 || first > 0x7a) return false
  for (let p = start; p < end; p++) if (bytes[p] === 0x2e) return false
  return true
}

function pairSlot(bytes: Uint8Array, start: number, end: number): number {
  search: for (const { bytes: key, slot } of pairKeys) {
    if (key.length !== end - start) continue
    for (let i = 0; i < key.length; i++) if (bytes[start + i] !== key[i]) continue search
    return slot
  }
  return -1
}
