import type { PlainSource } from '../../core/plain.ts'
import type { Container, MetricSeries } from '../../core/search.ts'

/** What tells instances apart. */
export const sourceKey = ({ app, appId, process, instance }: PlainSource): string =>
  `${appId || app}/${process}/${instance}`

/** `web #0`, with the app before it unless all are of one app. */
export const instanceName = ({ app, process, instance }: PlainSource, withApp = true): string =>
  [withApp ? app : '', process, instance === '' ? '' : `#${instance}`].filter(part => part !== '').join(' ') ||
  'platform'

export function seriesBySource(
  series: readonly MetricSeries[] | undefined
): ReadonlyMap<string, MetricSeries['points']> {
  return new Map(series?.map(({ source, points }) => [sourceKey(source), points]))
}

export const sortKeys = ['app', 'cpu', 'memory', 'disk'] as const
export type SortKey = (typeof sortKeys)[number]

/** By name, or the largest first; what sends no such metric comes last. */
export function sortContainers(containers: readonly Container[], by: SortKey): Container[] {
  const byName = (a: Container, b: Container) =>
    a.source.app.localeCompare(b.source.app) ||
    a.source.process.localeCompare(b.source.process) ||
    a.source.instance.localeCompare(b.source.instance, 'en', { numeric: true })
  if (by === 'app') return containers.toSorted(byName)
  return containers.toSorted((a, b) => (b[by] ?? -1) - (a[by] ?? -1) || byName(a, b))
}

/** Not more series than a person can tell apart: those with the highest values. */
export function largest(series: readonly MetricSeries[], count: number): MetricSeries[] {
  const peak = ({ points }: MetricSeries) =>
    points.reduce((max, [, value]) => Math.max(max, value), Number.NEGATIVE_INFINITY)
  return series
    .map(one => ({ one, peak: peak(one) }))
    .sort((a, b) => b.peak - a.peak)
    .slice(0, count)
    .map(({ one }) => one)
}

export interface Aligned {
  /** s since 1970, ascending. */
  readonly times: number[]
  readonly values: (number | null)[][]
}

/**
 * Series of different times on one time axis. A time that a series has no point at is null there: with steps, all series have the
 * same times, and a hole is a hole.
 */
export function aligned(series: readonly MetricSeries[]): Aligned {
  const times = [...new Set(series.flatMap(({ points }) => points.map(([ms]) => ms)))].sort((a, b) => a - b)
  const at = new Map(times.map((ms, index) => [ms, index]))
  const values = series.map(({ points }) => {
    const line = new Array<number | null>(times.length).fill(null)
    for (const [ms, value] of points) line[at.get(ms) ?? 0] = Number.isFinite(value) ? value : null
    return line
  })
  return { times: times.map(ms => ms / 1000), values }
}
