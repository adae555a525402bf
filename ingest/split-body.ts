import { parseDrainTime } from './drain-time.ts'
import { isSeparator, lineFeed, matchHeader } from './frame-start.ts'

/** One message of a POST’s body: its place, with the line feed that ends it, as in a counted frame. */
export interface BodyFrame {
  readonly start: number
  readonly end: number
}

/**
 * The messages of a POST (platform's https.go, https_batch.go): they stand one after the other, each ending with a line feed, and
 * a message may hold line feeds of its own. So a line feed ends a message only at the end, or before `<PRI>1 `. Line feeds, CR, SP
 * and NUL before the first message are none.
 */
export function splitBody(body: Buffer): BodyFrame[] {
  const frames: BodyFrame[] = []
  let start = 0
  while (start < body.length && isSeparator(body[start]!)) start++
  for (let at = body.indexOf(lineFeed, start); at >= 0; at = body.indexOf(lineFeed, at + 1)) {
    if (at + 1 < body.length && matchHeader(body, at + 1, body.length) !== 'yes') continue
    frames.push({ start, end: at + 1 })
    start = at + 1
  }
  if (start < body.length) frames.push({ start, end: body.length })
  return frames
}

/** ms since 1970 of the first message that has a time, or undefined. */
export function firstTimestamp(body: Buffer, frames: readonly BodyFrame[]): number | undefined {
  for (const { start, end } of frames) {
    const time = parseDrainTime(body.toString('latin1', start, Math.min(end, start + 64)))
    if (time !== undefined) return time
  }
  return undefined
}
