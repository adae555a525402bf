export const lineFeed = 0x0a
export const space = 0x20
export const lessThan = 0x3c
const carriageReturn = 0x0d
const minus = 0x2d
const greaterThan = 0x3e
const version = 0x31

/** Octet counts have at most this many digits: nobody sends a message of ten million bytes. */
export const maxCountDigits = 7

/** `more`: so far so good, but the bytes end too early to tell. */
export type Match = 'yes' | 'no' | 'more'

export const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39
/** A digit that an octet count may begin with. */
export const isCountStart = (byte: number): boolean => byte >= 0x31 && byte <= 0x39
/** What may lie between two frames; some senders count one octet too few, or end records with NUL. */
export const isSeparator = (byte: number): boolean =>
  byte === lineFeed || byte === space || byte === carriageReturn || byte === 0

/** Whether `<PRI>1 ` lies at `at`. PRI may be -1: the platform's agent writes that for a log of unknown type. */
export function matchHeader(bytes: Uint8Array, at: number, to: number): Match {
  if (at >= to) return 'more'
  if (bytes[at] !== lessThan) return 'no'
  let next = at + 1
  if (next < to && bytes[next] === minus) next++
  const digits = next
  while (next < to && next - digits < 3 && isDigit(bytes[next]!)) next++
  if (next === to) return 'more'
  if (next === digits || bytes[next] !== greaterThan) return 'no'
  if (next + 1 === to) return 'more'
  if (bytes[next + 1] !== version) return 'no'
  if (next + 2 === to) return 'more'
  return bytes[next + 2] === space ? 'yes' : 'no'
}

/** A frame that begins somewhere: where its message begins, and its octet count (0: it goes to the line feed). */
export interface FrameStart {
  readonly match: Match
  readonly message: number
  readonly count: number
}

/** Whether a frame begins at `at`: `<PRI>1 `, with or without digits and SP before it. */
export function matchFrame(bytes: Uint8Array, at: number, to: number): FrameStart {
  let message = at
  let count = 0
  if (at < to && isCountStart(bytes[at]!)) {
    while (message < to && message - at < maxCountDigits && isDigit(bytes[message]!)) {
      count = count * 10 + bytes[message]! - 0x30
      message++
    }
    if (message < to && bytes[message] === space) message++
  }
  return { match: matchHeader(bytes, message, to), message, count }
}

/** So many frames that fit each other are proof enough. */
const maxChain = 64

/**
 * Whether the frame at `start` is followed by frames and nothing else up to `end`: what a message with too large a count
 * swallowed looks like, and what no text looks like by chance.
 */
function matchChain(bytes: Buffer, start: number, end: number, to: number): Match {
  let at = start
  for (let links = 0; links < maxChain; links++) {
    const { match, message, count } = matchFrame(bytes, at, to)
    if (match !== 'yes') return match
    at = count > 0 ? message + count : lineEnd(bytes, message, end) + 1
    while (at < end && isSeparator(bytes[at]!)) at++
    if (at >= end) return 'yes'
  }
  return 'yes'
}

/** The next line feed from `at` on, or `to`. */
export function lineEnd(bytes: Buffer, at: number, to: number): number {
  // A view costs more than a short loop: lines of a few bytes must not be dear.
  const near = Math.min(to, at + 32)
  for (let i = at; i < near; i++) if (bytes[i] === lineFeed) return i
  if (near >= to) return to
  const found = bytes.subarray(near, to).indexOf(lineFeed)
  return found < 0 ? to : near + found
}

/**
 * Looks in a message whose count is in doubt for the frames that it swallowed: they begin after a line feed, and fill the rest.
 * `joined`: also where only the digits, or some of them, lie before `end`. `closed`: no more bytes will come after `to`.
 * Returns where the first one begins, -1 when there is none, -2 when more bytes are needed to tell.
 */
export function findSwallowed(
  bytes: Buffer,
  message: number,
  end: number,
  to: number,
  options: { joined: boolean; closed: boolean }
): number {
  for (let at = lineEnd(bytes, message, end) + 1; at < end; at = lineEnd(bytes, at, end) + 1) {
    const start = matchFrame(bytes, at, to)
    if (start.match === 'no') continue
    if (start.message >= end && start.count > 0 && !options.joined) continue
    if (start.match === 'more') {
      if (options.closed) continue
      return -2
    }
    const chain = matchChain(bytes, at, end, to)
    if (chain === 'yes' || (chain === 'more' && options.closed)) return at
    if (chain === 'more') return -2
  }
  return -1
}

const headerEnd = Buffer.from('>1 ')
const beforeHeaderEnd = /(?<!\d)[1-9]\d{0,6} <-?\d{1,3}$/
const afterHeader = /^(?:- |\d{4}-\d\d-\d\dT)/

/**
 * Looks in bytes that are no frame for one that begins without a line feed before it: `118 <14>1 2026-11-24T` or `118 <14>1 - `.
 * Returns where its digits begin, or -1.
 */
export function findCounted(bytes: Buffer, from: number, to: number): number {
  const area = bytes.subarray(from, to)
  for (let found = area.indexOf(headerEnd); found >= 0; found = area.indexOf(headerEnd, found + 1)) {
    const before = beforeHeaderEnd.exec(area.toString('latin1', Math.max(0, found - 14), found))
    if (before === null || !afterHeader.test(area.toString('latin1', found + 3, found + 14))) continue
    return from + found - before[0].length
  }
  return -1
}
