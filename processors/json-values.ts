/** Tests of JSON values by their bytes, quotes included: what passes may be spliced as it is. See json-fields.ts for all others. */

export const isText = (bytes: Uint8Array, start: number): boolean => bytes[start] === 0x22

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

/** What `looksLikeTraceId` accepts, without escapes. */
export function isTraceId(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== 0x22 || end - start < 10 || end - start > 66) return false
  let some = false
  for (let p = start + 1; p < end - 1; p++) {
    const byte = bytes[p]!
    const letter = byte | 0x20
    if (!isDigit(byte) && byte !== 0x2d && !(letter >= 0x61 && letter <= 0x7a)) return false
    if (byte !== 0x30 && byte !== 0x2d) some = true
  }
  return some
}

const shape = Buffer.from('"0000-00-00T00:00:00')

/** `YYYY-MM-DDThh:mm:ss` with up to nine digits of a fraction, and `Z`; days past 28 and years before 1971 need a closer look. */
export function isUtcTime(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 22 || end - start > 32 || bytes[end - 2] !== 0x5a) return false
  for (let i = 0; i < 20; i++) {
    const byte = bytes[start + i]!
    if (shape[i] === 0x30 ? !isDigit(byte) : byte !== shape[i]) return false
  }
  const two = (at: number): number => (bytes[start + at]! - 0x30) * 10 + bytes[start + at + 1]! - 0x30
  const year = two(1) * 100 + two(3)
  const month = two(6)
  const day = two(9)
  if (year < 1971 || year > 2261 || month < 1 || month > 12 || day < 1 || day > 28) return false
  if (two(12) > 23 || two(15) > 59 || two(18) > 59) return false
  const fraction = start + 20
  if (fraction === end - 2) return true
  if (bytes[fraction] !== 0x2e || fraction + 1 === end - 2) return false
  for (let p = fraction + 1; p < end - 2; p++) if (!isDigit(bytes[p]!)) return false
  return true
}

/**
 * The value of digits with or without a fraction; NaN for anything else, and for more than 15 digits: up to there a quotient of two
 * exact numbers is what JSON.parse gives.
 */
export function plainNumber(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 16) return Number.NaN
  let value = 0
  let digits = 0
  let divisor = 0
  for (let p = start; p < end; p++) {
    const byte = bytes[p]!
    if (isDigit(byte)) {
      value = value * 10 + byte - 0x30
      divisor *= 10
      digits++
    } else if (byte === 0x2e && divisor === 0) divisor = 1
    else return Number.NaN
  }
  return digits === 0 || digits > 15 ? Number.NaN : divisor > 1 ? value / divisor : value
}
