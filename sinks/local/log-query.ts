import { CulvertError } from '../../src/core/errors.ts'
import { levels } from '../../src/core/event.ts'
import type { LogFilter } from '../../src/core/status.ts'
import { parseTerms, type Term } from '../../src/core/words.ts'
import { type Moment, readCursor } from './page-cursor.ts'

/** What to search: all given must match. */
export interface LogQuery extends LogFilter {
  /** ISO 8601 or ms since 1970, both inclusive. */
  readonly from?: string | number
  readonly to?: string | number
  /** `next` of the page before. */
  readonly cursor?: string
  /** 1 to 1000, default 200. */
  readonly limit?: number
}

export const defaultLimit = 200
export const maxLimit = 1000

export interface ParsedQuery {
  readonly terms: readonly Term[]
  readonly app: string | undefined
  /** In small letters. */
  readonly source: string | undefined
  readonly level: number
  /** µs since 1970, both inclusive. */
  readonly from: number
  readonly to: number
  readonly before: Moment | undefined
  readonly limit: number
}

/** Throws QUERY_INVALID naming the parameter. */
export function parseQuery({
  q = '',
  app,
  level,
  source,
  from,
  to,
  cursor,
  limit = defaultLimit
}: LogQuery): ParsedQuery {
  const least = levels.findIndex(name => name === level?.toLowerCase())
  if (level && least < 0) throw invalid('level', level, `one of ${levels.join(', ')}`)
  if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit) throw invalid('limit', limit, `1 to ${maxLimit}`)
  return {
    terms: parseTerms(q),
    app: app || undefined,
    source: source?.toLowerCase() || undefined,
    level: Math.max(least, 0),
    from: from === undefined ? Number.MIN_SAFE_INTEGER : readTime('from', from) * 1000,
    to: to === undefined ? Number.MAX_SAFE_INTEGER : readTime('to', to) * 1000 + 999,
    before: cursor ? readCursor(cursor) : undefined,
    limit
  }
}

/** ISO 8601 or ms as a number or digits → ms since 1970. */
export function readTime(name: string, value: string | number): number {
  const ms = typeof value === 'number' || /^-?\d+$/.test(value) ? Number(value) : Date.parse(value)
  // The range of Date; µs of it are exact in a double up to the year 2255.
  if (Math.abs(ms) <= 8.64e15) return Math.floor(ms)
  throw invalid(name, value, 'a time as ISO 8601 or in ms since 1970')
}

export const invalid = (name: string, value: unknown, allowed: string): CulvertError =>
  new CulvertError('QUERY_INVALID', `${name} is '${String(value).slice(0, 60)}'; it may be ${allowed}.`)
