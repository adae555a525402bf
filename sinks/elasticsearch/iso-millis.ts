import { type JsonOut, piece, putDigits } from './json-out.ts'

/** Writes ms since 1970, of years with four digits, as `2026-11-24T04:28:03.039Z`. */
export function createIsoMillis() {
  const time = piece(' '.repeat(24))
  let second = -1
  return (out: JsonOut, millis: number): void => {
    const wholeSecond = Math.floor(millis / 1000)
    if (wholeSecond !== second) {
      second = wholeSecond
      time.bytes.write(new Date(second * 1000).toISOString(), 'latin1')
    }
    putDigits(time.view, 20, millis - wholeSecond * 1000, 3)
    out.piece(time)
  }
}
export type IsoMillis = ReturnType<typeof createIsoMillis>
