/**
 * Finds the parts of an RFC 5424 message as the platform's agent writes it (go-loggregator rfc5424/marshal.go) and leniently as
 * others do: `<-1>` as PRI, names of structured data longer than 32, no message at all. Makes no strings.
 */
export interface Header {
  priority: number
  timeStart: number
  timeEnd: number
  hostStart: number
  hostEnd: number
  appStart: number
  appEnd: number
  procStart: number
  procEnd: number
  /** First byte of the structured data: `-` or `[`. */
  dataStart: number
}

export const createHeader = (): Header => ({
  priority: 0,
  timeStart: 0,
  timeEnd: 0,
  hostStart: 0,
  hostEnd: 0,
  appStart: 0,
  appEnd: 0,
  procStart: 0,
  procEnd: 0,
  dataStart: 0
})

const space = 0x20
const quote = 0x22
const backslash = 0x5c
const openBracket = 0x5b
const closeBracket = 0x5d

/** Fills PRI and time and where HOSTNAME begins. Answers what is wrong, or undefined. RFC 5424 section 6. */
export function readHead(bytes: Uint8Array, start: number, end: number, header: Header): string | undefined {
  let p = start
  if (bytes[p] !== 0x3c) return 'does not begin with <PRI>'
  p++
  const negative = bytes[p] === 0x2d
  if (negative) p++
  let priority = 0
  const digits = p
  while (p < end && p - digits < 3 && bytes[p]! >= 0x30 && bytes[p]! <= 0x39)
    priority = priority * 10 + bytes[p++]! - 0x30
  if (p === digits || bytes[p] !== 0x3e) return 'has no number between < and >'
  header.priority = negative ? -priority : priority
  if (bytes[p + 1] !== 0x31 || bytes[p + 2] !== space || p + 3 > end) return 'is not of version 1'
  p += 3
  header.timeStart = p
  while (p < end && bytes[p] !== space) p++
  header.timeEnd = p
  header.hostStart = p + 1
  return p + 1 < end ? undefined : 'ends after its time'
}

/** Fills the parts from HOSTNAME to where the structured data begins. */
export function readNames(bytes: Uint8Array, end: number, header: Header): string | undefined {
  let p = header.hostStart
  while (p < end && bytes[p] !== space) p++
  header.hostEnd = p++
  header.appStart = p
  while (p < end && bytes[p] !== space) p++
  header.appEnd = p++
  header.procStart = p
  while (p < end && bytes[p] !== space) p++
  header.procEnd = p++
  while (p < end && bytes[p] !== space) p++ // MSGID
  header.dataStart = ++p
  if (p >= end) return 'ends before its structured data'
  return bytes[p] === openBracket || bytes[p] === 0x2d ? undefined : 'has no structured data'
}

/**
 * The position after an element that begins at `at`, or -1. Within quotes only `"` and `\` count (RFC 5424 6.3.3); the quick way
 * looks for the first `]` that ends a value.
 */
export function elementEnd(bytes: Buffer, at: number, end: number): number {
  // A view, since indexOf has no end: a frame without the bracket would be searched to the end of the record.
  const view = bytes.subarray(at, end)
  let p = view.indexOf(closeBracket)
  while (p > 1) {
    const before = view[p - 1]
    if (before === quote) return view[p - 2] === backslash ? slowElementEnd(bytes, at, end) : at + p + 1
    if (before !== backslash) return slowElementEnd(bytes, at, end)
    p = view.indexOf(closeBracket, p + 1)
  }
  return slowElementEnd(bytes, at, end)
}

function slowElementEnd(bytes: Uint8Array, at: number, end: number): number {
  let quoted = false
  for (let p = at + 1; p < end; p++) {
    const byte = bytes[p]
    if (quoted) {
      if (byte === backslash) p++
      else if (byte === quote) quoted = false
    } else if (byte === quote) quoted = true
    else if (byte === closeBracket) return p + 1
  }
  return -1
}

/** SD-ID of the element that begins at `at`. */
export function elementName(bytes: Buffer, at: number, elementEnd: number): string {
  let p = at + 1
  while (p < elementEnd && bytes[p] !== space && bytes[p] !== closeBracket) p++
  return bytes.toString('utf8', at + 1, p)
}

/** Every parameter of an element, unescaped, in the order sent; the first of two equal names counts. */
export function parameters(bytes: Buffer, at: number, elementEnd: number): Record<string, string> {
  const found: Record<string, string> = Object.create(null)
  let p = at + 1
  while (p < elementEnd && bytes[p] !== space && bytes[p] !== closeBracket) p++
  while (p < elementEnd) {
    while (p < elementEnd && bytes[p] === space) p++
    const name = p
    while (p < elementEnd && bytes[p] !== 0x3d && bytes[p] !== closeBracket) p++
    if (bytes[p] !== 0x3d || bytes[p + 1] !== quote) break
    const nameEnd = p
    p += 2
    const value = p
    let escaped = false
    while (p < elementEnd && bytes[p] !== quote) {
      if (bytes[p] === backslash) {
        escaped = true
        p++
      }
      p++
    }
    const key = bytes.toString('utf8', name, nameEnd)
    const text = bytes.toString('utf8', value, Math.min(p, elementEnd))
    if (!(key in found)) found[key] = escaped ? withoutEscapes(text) : text
    p++
  }
  return found
}

/** RFC 5424 6.3.3: a backslash before any other character stays. */
const withoutEscapes = (text: string): string => text.replace(/\\(["\\\]])/g, '$1')
