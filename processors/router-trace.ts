import { routerFieldIndex } from '../src/core/router-line.ts'

/** Headers that say the trace, most telling first: W3C traceparent, single b3, the two of Zipkin. */
export const traceKeys = ['traceparent', 'b3', 'x_b3_traceid', 'x_b3_spanid'] as const

const traceAt = routerFieldIndex.get('traceId')!
const spanAt = routerFieldIndex.get('spanId')!
const dash = 0x2d

/** Finds the ranges of trace and span id in the values of an access line's trace keys. */
export function createTraceFinder() {
  /** Where the range of each key's value stands; 0 where the line has none. */
  const places = new Int32Array(traceKeys.length)

  /** Of `00-<32 hex digits>-<16>-01`. */
  function isParent(bytes: Uint8Array, start: number, end: number): boolean {
    return (
      end - start > 52 &&
      hexDigits(bytes, start, 2) === 2 &&
      bytes[start + 2] === dash &&
      hexDigits(bytes, start + 3, 32) === 32 &&
      bytes[start + 35] === dash &&
      hexDigits(bytes, start + 36, 16) === 16 &&
      bytes[start + 52] === dash
    )
  }

  return {
    /** Before each line. */
    forget(): void {
      places.fill(0)
    },

    /** The line has `traceKeys[key]`; the range of its value is at `place`. The first value that is one counts. */
    note(key: number, place: number, bytes: Uint8Array, start: number, end: number): void {
      const isAbsent = end === start || (end - start === 1 && bytes[start] === dash)
      if (!isAbsent && places[key] === 0) places[key] = place
    },

    put(ints: Int32Array, at: number, bytes: Uint8Array): void {
      const parent = places[0]!
      const single = places[1]!
      const trace = places[2]!
      const span = places[3]!
      if (parent > 0 && isParent(bytes, ints[parent]!, ints[parent + 1]!)) {
        const start = ints[parent]!
        setRange(ints, at + traceAt, start + 3, start + 35)
        setRange(ints, at + spanAt, start + 36, start + 52)
        return
      }
      if (single > 0) {
        const start = ints[single]!
        const length = ints[single + 1]! - start
        const digits = hexDigits(bytes, start, Math.min(32, length))
        const dashAt = start + digits
        if (digits >= 16 && length > digits + 16 && bytes[dashAt] === dash && hexDigits(bytes, dashAt + 1, 16) === 16) {
          setRange(ints, at + traceAt, start, dashAt)
          setRange(ints, at + spanAt, dashAt + 1, dashAt + 17)
          return
        }
      }
      if (trace > 0) setRange(ints, at + traceAt, ints[trace]!, ints[trace + 1]!)
      if (span > 0) setRange(ints, at + spanAt, ints[span]!, ints[span + 1]!)
    }
  }
}

function setRange(ints: Int32Array, at: number, start: number, end: number): void {
  ints[at] = start
  ints[at + 1] = end
}

/** How many lower-case hex digits follow, `most` at most. */
function hexDigits(bytes: Uint8Array, start: number, most: number): number {
  let count = 0
  while (count < most) {
    const byte = bytes[start + count]!
    if (!((byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66))) break
    count++
  }
  return count
}
