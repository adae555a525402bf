import { type RouterField, type RouterLine, routerFieldIndex } from '../../src/core/router-line.ts'
import type { JsonOut } from './json-out.ts'

const text = (value: string): Buffer => Buffer.from(value, 'latin1')
const at = (field: RouterField): number => routerFieldIndex.get(field)!

const quote = 0x22
const backslash = 0x5c
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

/** Members of cloudfoundry.router that are text, in the document's order; gorouter_time goes first, as a number. */
const routerTexts: readonly (readonly [key: Buffer, at: number])[] = [
  [text('"backend_address":"'), at('backendAddress')],
  [text('"error":"'), at('x_cf_routererror')],
  [text('"forwarded_for":"'), at('x_forwarded_for')],
  [text('"forwarded_proto":"'), at('x_forwarded_proto')],
  [text('"app_index":"'), at('app_index')],
  [text('"instance_id":"'), at('instance_id')]
]
const gorouterTime = at('gorouter_time')
const openRouter = text(',"router":{')
const gorouterKey = text('"gorouter_time":')
const extraKey = text('"extra":{')
const httpKey = text(',"http":{')
const versionKey = text('"version":"')
const requestKey = text('"request":{')
const methodKey = text('"method":"')
const bytesKey = text('"bytes":')
const referrerKey = text('"referrer":"')
const idKey = text('"id":"')
const responseKey = text('"response":{')
const statusKey = text('"status_code":')
const urlKey = text(',"url":{')
const originalKey = text('"original":"')
const pathKey = text('"path":"')
const queryKey = text('"query":"')
const domainKey = text('"domain":"')
const clientKey = text(',"client":{"address":"')
const ipKey = text(',"ip":"')
const agentKey = text(',"user_agent":{"original":"')
const traceKey = text(',"trace":{"id":"')
const spanKey = text(',"span":{"id":"')

/**
 * Writes what routerFields says of a line (`cloudfoundry.router`, http, url, client, user_agent, trace, span), after the open
 * `cloudfoundry` object, from its bytes. False where a field needs a closer look: a backslash (Go-quoted), a number that is not
 * plain digits, an address that is no IPv4. Whoever calls takes back what was written.
 */
export function writeRouterFields(out: JsonOut, bytes: Buffer, line: RouterLine): boolean {
  const { ranges, others } = line
  if (hasBackslash(bytes, ranges)) return false
  out.reserve(2048 + (others.length > 0 ? ranges[target + 1]! - ranges[host]! + sizeOf(others) * 6 : 0))

  const present = (slot: number): boolean => {
    const length = ranges[slot + 1]! - ranges[slot]!
    return length > 1 || (length === 1 && bytes[ranges[slot]!] !== dash)
  }
  /** `key"value",` */
  const string = (key: Buffer, slot: number, from = ranges[slot]!, to = ranges[slot + 1]!): void => {
    out.raw(key)
    out.escaped(bytes, from, to)
    out.bytes[out.at++] = quote
    out.bytes[out.at++] = comma
  }
  const number = (key: Buffer, slot: number): boolean => {
    if (!present(slot)) return true
    if (!isPlainNumber(bytes, ranges[slot]!, ranges[slot + 1]!)) return false
    out.raw(key)
    out.raw(bytes, ranges[slot]!, ranges[slot + 1]!)
    out.bytes[out.at++] = comma
    return true
  }
  /** Turns the last comma into the end of an object, or takes the object back if it is empty. */
  const close = (opened: number, key: Buffer): void => {
    if (out.at === opened) out.at -= key.length
    else out.bytes[out.at - 1] = closeBrace
  }

  out.raw(openRouter)
  let opened = out.at
  if (!number(gorouterKey, gorouterTime)) return false
  for (let i = 0; i < routerTexts.length; i++) {
    const [key, slot] = routerTexts[i]!
    if (present(slot)) string(key, slot)
  }
  if (!writeExtra(out, bytes, others)) return false
  close(opened, openRouter)
  out.bytes[out.at++] = closeBrace // cloudfoundry

  out.raw(httpKey)
  const http = out.at
  if (present(protocol)) {
    const from = ranges[protocol]!
    const plain = bytes[from] === 0x48 && bytes[from + 4] === 0x2f // HTTP/
    if (plain && ranges[protocol + 1]! - from > 5) string(versionKey, protocol, from + 5)
    else return false
  }
  out.raw(requestKey)
  opened = out.at
  if (present(method)) string(methodKey, method)
  if (!number(bytesKey, bytesReceived)) return false
  if (present(referer)) string(referrerKey, referer)
  if (present(requestId)) string(idKey, requestId)
  closeMember(out, opened, requestKey)
  out.raw(responseKey)
  opened = out.at
  if (!number(statusKey, status) || !number(bytesKey, bytesSent)) return false
  closeMember(out, opened, responseKey)
  close(http, httpKey)

  out.raw(urlKey)
  opened = out.at
  if (present(target)) {
    const from = ranges[target]!
    const to = ranges[target + 1]!
    string(originalKey, target)
    let mark = from
    while (mark < to && bytes[mark] !== 0x3f) mark++
    if (mark > from) string(pathKey, target, from, mark)
    if (mark + 1 < to) string(queryKey, target, mark + 1, to)
  }
  if (present(host)) {
    const end = withoutPort(bytes, ranges[host]!, ranges[host + 1]!)
    if (end < 0) return false
    if (end > ranges[host]!) string(domainKey, host, ranges[host]!, end)
  }
  close(opened, urlKey)

  if (present(remote)) {
    const from = ranges[remote]!
    const end = withoutPort(bytes, from, ranges[remote + 1]!)
    if (end < 0 || !isIpv4(bytes, from, end)) return false
    out.raw(clientKey)
    out.escaped(bytes, from, ranges[remote + 1]!)
    out.bytes[out.at++] = quote
    out.raw(ipKey)
    out.raw(bytes, from, end)
    out.bytes[out.at++] = quote
    out.bytes[out.at++] = closeBrace
  }
  if (present(userAgent)) {
    out.raw(agentKey)
    out.escaped(bytes, ranges[userAgent]!, ranges[userAgent + 1]!)
    out.bytes[out.at++] = quote
    out.bytes[out.at++] = closeBrace
  }
  if (others.length === 0) return true
  return writeTrace(out, traceKey, line.traceId) && writeTrace(out, spanKey, line.spanId)
}

/** An object within an object, followed by a comma; nothing if it is empty. */
function closeMember(out: JsonOut, opened: number, key: Buffer): void {
  if (out.at === opened) out.at -= key.length
  else {
    out.bytes[out.at - 1] = closeBrace
    out.bytes[out.at++] = comma
  }
}

function writeExtra(out: JsonOut, bytes: Buffer, others: readonly number[]): boolean {
  if (others.length === 0) return true
  out.raw(extraKey)
  const opened = out.at
  for (let i = 0; i < others.length; i += 4) {
    const [keyStart, keyEnd, start, end] = [others[i]!, others[i + 1]!, others[i + 2]!, others[i + 3]!]
    for (let p = start; p < end; p++) if (bytes[p] === backslash) return false
    if (isRepeated(bytes, others, i)) return false
    if (end === start || (end - start === 1 && bytes[start] === dash)) continue
    out.bytes[out.at++] = quote
    out.escaped(bytes, keyStart, keyEnd)
    out.bytes[out.at++] = quote
    out.bytes[out.at++] = colon
    out.bytes[out.at++] = quote
    out.escaped(bytes, start, end)
    out.bytes[out.at++] = quote
    out.bytes[out.at++] = comma
  }
  closeMember(out, opened, extraKey)
  return true
}

/** Whether the key of the pair at `at` stood in the line before. */
function isRepeated(bytes: Buffer, others: readonly number[], at: number): boolean {
  const start = others[at]!
  const length = others[at + 1]! - start
  for (let i = 0; i < at; i += 4) {
    const other = others[i]!
    // Lengths and first letters first: a compare is a call, and a router's line may have a dozen keys.
    if (others[i + 1]! - other !== length || bytes[other] !== bytes[start]) continue
    if (bytes.compare(bytes, other, other + length, start, start + length) === 0) return true
  }
  return false
}

function writeTrace(out: JsonOut, key: Buffer, id: string | undefined): boolean {
  if (id === undefined) return true
  if (!/^[0-9a-zA-Z-]{1,64}$/.test(id)) return false
  out.raw(key)
  out.ascii(id)
  out.bytes[out.at++] = quote
  out.bytes[out.at++] = closeBrace
  return true
}

function sizeOf(others: readonly number[]): number {
  let size = 0
  for (let i = 0; i < others.length; i += 2) size += others[i + 1]! - others[i]! + 8
  return size
}

function hasBackslash(bytes: Buffer, ranges: Int32Array): boolean {
  let last = 0
  for (let i = 1; i < ranges.length; i += 2) if (ranges[i]! > last) last = ranges[i]!
  // A view, since indexOf has no end: it would look through all that follows the line in the record.
  return bytes.subarray(ranges[host], last).includes(backslash)
}

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
