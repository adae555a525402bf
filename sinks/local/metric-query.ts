import { invalid, readTime } from './log-query.ts'

/** Which points to chart. */
export interface MetricQuery {
  readonly name: string
  /** Name or guid. */
  readonly app?: string
  /** ISO 8601 or ms since 1970, both inclusive; default: the last 15 minutes. */
  readonly from?: string | number
  readonly to?: string | number
  /** Width of a step; larger where the range would have more than `maxPoints` steps. Default: a 200th of the range. */
  readonly stepMs?: number
}

/** Per series. */
export const maxPoints = 2000
export const maxSeries = 200
const defaultRangeMs = 15 * 60_000
const defaultPoints = 200

export interface Range {
  /** ms since 1970, both inclusive. */
  readonly from: number
  readonly to: number
}

/** Throws QUERY_INVALID. */
export function parseRange({ from, to }: { from?: string | number; to?: string | number }): Range {
  const end = to === undefined ? Date.now() : readTime('to', to)
  const start = from === undefined ? end - defaultRangeMs : readTime('from', from)
  if (start > end) throw invalid('from', from, 'a time before `to`')
  return { from: start, to: end }
}

/** Throws QUERY_INVALID. */
export function parseMetricQuery(query: MetricQuery) {
  const range = parseRange(query)
  const length = range.to - range.from + 1
  const { name, app, stepMs = Math.max(1000, Math.ceil(length / defaultPoints)) } = query
  if (!(stepMs >= 1) || stepMs > 8.64e15) throw invalid('stepMs', stepMs, 'a number of ms, at least 1')
  return {
    name,
    app: app || undefined,
    ...range,
    stepMs: Math.max(Math.round(stepMs), Math.ceil(length / (maxPoints - 1)))
  }
}
