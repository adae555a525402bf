import type { RecordView } from '../../src/core/record.ts'
import { otherPairs, type RouterField, type RouterLine, routerFieldIndex } from '../../src/core/router-line.ts'
import { type JsonOut, type Piece, piece } from './json-out.ts'
import { nanosOf } from './router-fields.ts'

const at = (field: RouterField): number => routerFieldIndex.get(field)!

const quote = 0x22
const colon = 0x3a
const comma = 0x2c
const closeBrace = 0x7d
const dash = 0x2d

const host = at('host')
const method = at('method')
const target = at('target')
const protocol = at('protocol')
const status = at('status')
const bytesReceived = at('bytesReceived')
const bytesSent = at('bytesSent')
const referer = at('referer')
const userAgent = at('userAgent')
const remote = at('remoteAddress')
const requestId = at('vcap_request_id')
const responseTime = at('response_time')
const gorouterTime = at('gorouter_time')
const traceId = at('traceId')
const spanId = at('spanId')

/** Members of cloudfoundry.router that are text, in the document's order; gorouter_time goes first, as a number. */
const routerTexts: readonly (readonly [key: Piece, at: number])[] = [
  [piece('"backend_address":"'), at('backendAddress')],
  [piece('"error":"'), at('x_cf_routererror')],
  [piece('"forwarded_for":"'), at('x_forwarded_for')],
  [piece('"forwarded_proto":"'), at('x_forwarded_proto')],
  [piece('"app_index":"'), at('app_index')],
  [piece('"instance_id":"'), at('instance_id')]
]
const openRouter = piece(',"router":{')
const gorouterKey = piece('"gorouter_time":')
const extraKey = piece('"extra":{')
const httpKey = piece(',"http":{')
const versionKey = piece('"version":"')
const requestKey = piece('"request":{')
const methodKey = piece('"method":"')
const bytesKey = piece('"bytes":')
const referrerKey = piece('"referrer":"')
const idKey = piece('"id":"')
const responseKey = piece('"response":{')
const statusKey = piece('"status_code":')
const urlKey = piece(',"url":{')
const originalKey = piece('"original":"')
const pathKey = piece('"path":"')
const queryKey = piece('"query":"')
const domainKey = piece('"domain":"')
const clientKey = piece(',"client":{"address":"')
const ipKey = piece(',"ip":"')
const agentKey = piece(',"user_agent":{"original":"')
const traceKey = piece(',"trace":{"id":"')
const spanKey = piece(',"span":{"id":"')

/** The most that a line grows: three times, since the target stands there twice besides the message, of bytes that are escaped. */
export const growth = 18

/** `response_time` in ns, or -1 where the line has none. */
export function durationNanos({ bytes }: RecordView, line: RouterLine): number {
  const from = line.ranges[line.rangesAt + responseTime]!
  const to = line.ranges[line.rangesAt + responseTime + 1]!
  let p = from
  let whole = 0
  while (p < to && isDigit(bytes[p]!)) whole = whole * 10 + bytes[p++]! - 0x30
  let fraction = 0
  let scale = 1e9
  if (bytes[p] === 0x2e && p > from && p < to)
    while (++p < to && scale > 1 && isDigit(bytes[p]!)) {
      fraction = fraction * 10 + bytes[p]! - 0x30
      scale /= 10
    }
  const nanos = whole * 1e9 + fraction * scale
  if (p === to && p > from && nanos <= Number.MAX_SAFE_INTEGER) return nanos
  return nanosOf(line.responseTime) ?? -1
}

/**
 * Writes what routerFields says of a line (`cloudfoundry.router`, http, url, client, user_agent, trace, span), after the open
 * `cloudfoundry` object, from its bytes, in which there must be no backslash (then fields are quoted by Go's rules). False where a
 * field needs a closer look: a number that is not plain digits, an address that is no IPv4. Whoever calls takes back what was
 * written, and has made room for `growth` times the line.
 */
export function writeRouterFields(out: JsonOut, record: RecordView, line: RouterLine): boolean {
  const { bytes } = record
  const { ranges, rangesAt } = line
  out.piece(openRouter)
  let opened = out.at
  if (!number(out, record, line, gorouterKey, gorouterTime)) return false
  for (let i = 0; i < routerTexts.length; i++) {
    const [key, slot] = routerTexts[i]!
    text(out, record, line, key, slot)
  }
  if (!writeExtra(out, record, line)) return false
  close(out, opened, openRouter)
  out.byte(closeBrace) // cloudfoundry

  out.piece(httpKey)
  const openedHttp = out.at
  if (isPresent(bytes, ranges, rangesAt + protocol)) {
    const from = ranges[rangesAt + protocol]!
    if (!isHttp(bytes, from) || ranges[rangesAt + protocol + 1]! - from <= http.length) return false
    member(out, record, versionKey, from + http.length, ranges[rangesAt + protocol + 1]!)
  }
  out.piece(requestKey)
  opened = out.at
  text(out, record, line, methodKey, method)
  if (!number(out, record, line, bytesKey, bytesReceived)) return false
  text(out, record, line, referrerKey, referer)
  text(out, record, line, idKey, requestId)
  closeMember(out, opened, requestKey)
  out.piece(responseKey)
  opened = out.at
  if (!number(out, record, line, statusKey, status) || !number(out, record, line, bytesKey, bytesSent)) return false
  closeMember(out, opened, responseKey)
  close(out, openedHttp, httpKey)

  out.piece(urlKey)
  opened = out.at
  if (isPresent(bytes, ranges, rangesAt + target)) {
    const from = ranges[rangesAt + target]!
    const to = ranges[rangesAt + target + 1]!
    member(out, record, originalKey, from, to)
    let mark = from
    while (mark < to && bytes[mark] !== 0x3f) mark++
    if (mark > from) member(out, record, pathKey, from, mark)
    if (mark + 1 < to) member(out, record, queryKey, mark + 1, to)
  }
  if (isPresent(bytes, ranges, rangesAt + host)) {
    const from = ranges[rangesAt + host]!
    const end = withoutPort(bytes, from, ranges[rangesAt + host + 1]!)
    if (end < 0) return false
    if (end > from) member(out, record, domainKey, from, end)
  }
  close(out, opened, urlKey)

  if (isPresent(bytes, ranges, rangesAt + remote)) {
    const from = ranges[rangesAt + remote]!
    const end = withoutPort(bytes, from, ranges[rangesAt + remote + 1]!)
    if (end < 0 || !isIpv4(bytes, from, end)) return false
    out.piece(clientKey)
    out.raw(record, from, ranges[rangesAt + remote + 1]!)
    out.byte(quote)
    out.piece(ipKey)
    out.raw(record, from, end)
    out.byte(quote)
    out.byte(closeBrace)
  }
  object(out, record, line, agentKey, userAgent)
  object(out, record, line, traceKey, traceId)
  object(out, record, line, spanKey, spanId)
  return true
}

function isPresent(bytes: Uint8Array, ranges: Int32Array, place: number): boolean {
  const start = ranges[place]!
  const length = ranges[place + 1]! - start
  return length > 1 || (length === 1 && bytes[start] !== dash)
}

/** `key"value",` */
function member(out: JsonOut, record: RecordView, key: Piece, from: number, to: number): void {
  out.piece(key)
  out.escaped(record, from, to)
  out.byte(quote)
  out.byte(comma)
}

function text(out: JsonOut, record: RecordView, { ranges, rangesAt }: RouterLine, key: Piece, slot: number): void {
  const place = rangesAt + slot
  if (isPresent(record.bytes, ranges, place)) member(out, record, key, ranges[place]!, ranges[place + 1]!)
}

/** An object with nothing but this field; its key ends with the quote. */
function object(out: JsonOut, record: RecordView, { ranges, rangesAt }: RouterLine, key: Piece, slot: number): void {
  const place = rangesAt + slot
  if (!isPresent(record.bytes, ranges, place)) return
  out.piece(key)
  out.escaped(record, ranges[place]!, ranges[place + 1]!)
  out.byte(quote)
  out.byte(closeBrace)
}

/** False where the field is there and no plain number. */
function number(out: JsonOut, record: RecordView, { ranges, rangesAt }: RouterLine, key: Piece, slot: number): boolean {
  const place = rangesAt + slot
  if (!isPresent(record.bytes, ranges, place)) return true
  if (!isPlainNumber(record.bytes, ranges[place]!, ranges[place + 1]!)) return false
  out.piece(key)
  out.raw(record, ranges[place]!, ranges[place + 1]!)
  out.byte(comma)
  return true
}

/** Turns the last comma into the end of an object, or takes the object back if it is empty. */
function close(out: JsonOut, opened: number, key: Piece): void {
  if (out.at === opened) out.at -= key.length
  else {
    out.at--
    out.byte(closeBrace)
  }
}

/** An object within an object, followed by a comma; nothing if it is empty. */
function closeMember(out: JsonOut, opened: number, key: Piece): void {
  close(out, opened, key)
  if (out.at >= opened) out.byte(comma)
}

function writeExtra(out: JsonOut, record: RecordView, { ranges, rangesAt }: RouterLine): boolean {
  const count = ranges[rangesAt + otherPairs]!
  if (count === 0) return true
  const { bytes } = record
  const first = rangesAt + otherPairs + 1
  const last = first + count * 4
  out.piece(extraKey)
  const opened = out.at
  for (let i = first; i < last; i += 4) {
    if (isRepeated(bytes, ranges, first, i)) return false
    if (!isPresent(bytes, ranges, i + 2)) continue
    out.string(record, ranges[i]!, ranges[i + 1]!)
    out.byte(colon)
    out.string(record, ranges[i + 2]!, ranges[i + 3]!)
    out.byte(comma)
  }
  closeMember(out, opened, extraKey)
  return true
}

/** Whether the key of the pair at `place` stood in the line before. */
function isRepeated(bytes: Uint8Array, ranges: Int32Array, first: number, place: number): boolean {
  const start = ranges[place]!
  const length = ranges[place + 1]! - start
  search: for (let i = first; i < place; i += 4) {
    const other = ranges[i]!
    if (ranges[i + 1]! - other !== length) continue
    for (let j = 0; j < length; j++) if (bytes[other + j] !== bytes[start + j]) continue search
    return true
  }
  return false
}

const http = Buffer.from('HTTP/')

function isHttp(bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < http.length; i++) if (bytes[start + i] !== http[i]) return false
  return true
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

/** Digits, a point and digits: what JSON and Number read alike. */
function isPlainNumber(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] === 0x30 && end - start > 1 && bytes[start + 1] !== 0x2e) return false
  let point = -1
  for (let p = start; p < end; p++) {
    const byte = bytes[p]!
    if (byte === 0x2e && point < 0 && p > start && p < end - 1) point = p
    else if (byte < 0x30 || byte > 0x39) return false
  }
  return end > start && end - start < 18
}

/** Where `:digits` begins, or the end; -1 where there are several colons. */
function withoutPort(bytes: Uint8Array, start: number, end: number): number {
  let found = end
  for (let p = start; p < end; p++) {
    if (bytes[p] !== colon) continue
    if (found !== end) return -1
    found = p
  }
  if (found === end) return end
  if (found + 1 === end) return -1
  for (let p = found + 1; p < end; p++) if (bytes[p]! < 0x30 || bytes[p]! > 0x39) return -1
  return found
}

/** Four numbers from 0 to 255 without leading zeros, as isIP has it. */
function isIpv4(bytes: Uint8Array, start: number, end: number): boolean {
  let parts = 0
  for (let p = start; p <= end; p++) {
    const from = p
    let value = 0
    while (p < end && bytes[p]! >= 0x30 && bytes[p]! <= 0x39) value = value * 10 + bytes[p++]! - 0x30
    if (p === from || p - from > 3 || value > 255 || (bytes[from] === 0x30 && p - from > 1)) return false
    parts++
    if (p < end && bytes[p] !== 0x2e) return false
  }
  return parts === 4
}
