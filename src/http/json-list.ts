import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'

/** What is printed before others get their turn: printing this much takes well under 10 ms. */
const pieceChars = 256 * 1024

/** `{"KEY":[…items],…rest}` as a stream of JSON, made in pieces, so that a large answer never holds the main thread for long. */
export const jsonList = (
  key: string,
  items: readonly unknown[],
  rest: Readonly<Record<string, unknown>> = {}
): Readable => Readable.from(pieces(key, items, rest), { objectMode: false })

async function* pieces(key: string, items: readonly unknown[], rest: Readonly<Record<string, unknown>>) {
  let piece = `{${JSON.stringify(key)}:[`
  let first = true
  for (const item of items) {
    piece += (first ? '' : ',') + JSON.stringify(item)
    first = false
    if (piece.length < pieceChars) continue
    yield piece
    piece = ''
    await setImmediate()
  }
  const others = JSON.stringify(rest).slice(1, -1)
  yield `${piece}]${others === '' ? '' : `,${others}`}}`
}
