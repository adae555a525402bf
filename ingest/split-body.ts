import { parseDrainTime } from './drain-time.ts'

/** One message of a POST's body: its place, without the line feed that ends it. */
export interface BodyFrame {
  readonly start: number
  readonly end: number
}

const lineFeed = 0x0a

/**
 * The messages of a POST (platform's https.go, https_batch.go): they stand one after the other, each ending with a line feed, and
 * a message may hold line feeds of its own. So a line feed ends a message only at the end, or before `<PRI>1 `.
 */
export function splitBody(body: Buffer): BodyFrame[] {
  const frames: BodyFrame[] = []
  let start = 0
  for (let at = body.indexOf(lineFeed); at >= 0; at = body.indexOf(lineFeed, at + 1)) {
    if (at + 1 < body.length && !beginsMessage(body, at + 1)) continue
    if (at > start) frames.push({ start, end: at })
    start = at + 1
  }
  if (start < body.length) frames.push({ start, end: body.length })
  return frames
}

/** `<-?\d{1,3}>1 ` */
function beginsMessage(body: Buffer, at: number): boolean {
  if (body[at] !== 0x3c) return false
  let p = at + 1
  if (body[p] === 0x2d) p++
  const digits = p
  while (p - digits < 3 && body[p]! >= 0x30 && body[p]! <= 0x39) p++
  return p > digits && body[p] === 0x3e && body[p + 1] === 0x31 && body[p + 2] === 0x20
}

/** ms since 1970 of the first message that has a time, or undefined. */
export function firstTimestamp(body: Buffer, frames: readonly BodyFrame[]): number | undefined {
  for (const { start, end } of frames) {
    const time = parseDrainTime(body.toString('latin1', start, Math.min(end, start + 64)))
    if (time !== undefined) return time
  }
  return undefined
}
