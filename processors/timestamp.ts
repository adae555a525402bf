import type { RecordView } from '../src/core/record.ts'

type Bytes = Pick<RecordView, 'bytes' | 'view'>

/** The last microsecond that is exact as a number: in June 2255; ns in 64 bits end in 2262. */
const maxMicros = Number.MAX_SAFE_INTEGER

const digits = (bytes: Uint8Array, at: number, count: number): number => {
  let value = 0
  for (let i = at; i < at + count; i++) {
    const digit = bytes[i]! - 0x30
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

let lastDate = -1
let lastDateMs = 0
/** The last second in UTC that a fraction followed: its 20 bytes, with the point, and its µs. */
const lastSecond = new Int32Array(5)
let lastSecondMicros = Number.NaN
/** `+00:00` */
const utc = Buffer.from('+00:00')
const utcWord = utc.readInt32LE(0)
const utcEnd = utc.readInt16LE(4)

/**
 * RFC 3339 as RFC 5424 allows it (6.2.3), with any number of fraction digits, in µs since 1970; NaN if it is none or before
 * 1970 or after 2255. The platform always writes `+00:00` and cuts trailing zeros of the fraction.
 */
export function parseMicros({ bytes, view }: Bytes, start: number, end: number): number {
  const isUsual =
    end - start === 32 &&
    view.getInt32(start + 16, true) === lastSecond[4] &&
    view.getInt32(start + 12, true) === lastSecond[3] &&
    view.getInt32(start + 8, true) === lastSecond[2] &&
    view.getInt32(start + 4, true) === lastSecond[1] &&
    view.getInt32(start, true) === lastSecond[0] &&
    view.getInt32(start + 26, true) === utcWord &&
    view.getInt16(start + 30, true) === utcEnd
  const fraction = isUsual ? sixDigits(bytes, start + 20) : -1
  return fraction >= 0 ? lastSecondMicros + fraction : parseAny(bytes, view, start, end)
}

/** -1 where they are none. */
function sixDigits(bytes: Uint8Array, start: number): number {
  let value = 0
  for (let p = start; p < start + 6; p++) {
    const digit = bytes[p]! - 0x30
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

function parseAny(bytes: Uint8Array, view: DataView, start: number, end: number): number {
  if (end - start < 20) return Number.NaN
  const date = digits(bytes, start, 4) * 10000 + digits(bytes, start + 5, 2) * 100 + digits(bytes, start + 8, 2)
  const hour = digits(bytes, start + 11, 2)
  const minute = digits(bytes, start + 14, 2)
  const second = digits(bytes, start + 17, 2)
  const separators =
    bytes[start + 4] === 0x2d && bytes[start + 7] === 0x2d && bytes[start + 13] === 0x3a && bytes[start + 16] === 0x3a
  if (!separators || !((bytes[start + 10]! | 0x20) === 0x74) || !(hour <= 23 && minute <= 59 && second <= 60))
    return Number.NaN
  if (date !== lastDate) {
    const year = Math.trunc(date / 10000)
    const month = Math.trunc(date / 100) % 100
    const ms = Date.UTC(year, month - 1, date % 100)
    const real = new Date(ms)
    if (year < 1970 || real.getUTCMonth() !== month - 1 || real.getUTCDate() !== date % 100) return Number.NaN
    lastDateMs = ms
    lastDate = date
  }
  let p = start + 19
  let micros = 0
  if (bytes[p] === 0x2e) {
    let scale = 100_000
    const first = ++p
    while (p < end && bytes[p]! >= 0x30 && bytes[p]! <= 0x39) {
      micros += (bytes[p++]! - 0x30) * Math.trunc(scale)
      scale /= 10
    }
    if (p === first) return Number.NaN
  }
  const offset = zone(bytes, p, end)
  const secondMicros = (lastDateMs + (hour * 60 + minute - offset) * 60_000 + second * 1000) * 1000
  const value = secondMicros + micros
  if (!(value >= 0 && value <= maxMicros)) return Number.NaN
  if (offset === 0 && bytes[start + 19] === 0x2e && secondMicros + 999_999 <= maxMicros) {
    for (let i = 0; i < lastSecond.length; i++) lastSecond[i] = view.getInt32(start + 4 * i, true)
    lastSecondMicros = secondMicros
  }
  return value
}

/** Minutes east of UTC. */
function zone(bytes: Uint8Array, at: number, end: number): number {
  const sign = bytes[at]
  if (end - at === 1 && (sign === 0x5a || sign === 0x7a)) return 0
  if (end - at !== 6 || (sign !== 0x2b && sign !== 0x2d) || bytes[at + 3] !== 0x3a) return Number.NaN
  const minutes = digits(bytes, at + 1, 2) * 60 + digits(bytes, at + 4, 2)
  return sign === 0x2b ? minutes : -minutes
}
