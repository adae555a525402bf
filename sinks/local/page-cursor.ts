import { CulvertError } from '../../src/core/errors.ts'

/** A line's place among all lines, newest first: by time, then by the tie-break digits, then by id. It never changes. */
export interface Moment {
  readonly micros: number
  readonly tie: number
  readonly id: string
}

/** Negative if `a` is newer. */
export const compareMoments = (a: Moment, b: Moment): number =>
  b.micros - a.micros || b.tie - a.tie || (a.id === b.id ? 0 : a.id < b.id ? 1 : -1)

/** The last line of a page; the next page begins after it, whatever has come meanwhile. */
export const writeCursor = ({ micros, tie, id }: Moment): string =>
  Buffer.from(`${micros}.${tie}.${id}`).toString('base64url')

const pattern = /^(-?\d{1,16})\.(\d{1,5})\.(.{0,200})$/s

/** Throws QUERY_INVALID. */
export function readCursor(text: string): Moment {
  const match = pattern.exec(Buffer.from(text, 'base64url').toString('utf8'))
  if (match === null) throw new CulvertError('QUERY_INVALID', 'cursor is none that an earlier page gave.')
  return { micros: Number(match[1]), tie: Number(match[2]), id: match[3]! }
}
