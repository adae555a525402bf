/**
 * Which of four bytes, read as a little-endian word, end a plain stretch of a JSON string: below 0x20, a quote, a backslash. The high
 * bit of a byte is its flag; 0 where all four are plain. The lowest flag that is set is right, those above it may not be
 * (Hacker's Delight, 6-1: zero bytes of a word).
 */
export function jsonStops(word: number): number {
  const quotes = word ^ 0x22222222
  const backslashes = word ^ 0x5c5c5c5c
  return (
    (((word - 0x20202020) & ~word) | ((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes)) &
    0x80808080
  )
}

/** The place, 0 to 3, of the byte with the lowest flag. */
export const firstStop = (flags: number): number => (31 - Math.clz32(flags & -flags)) >> 3
