import type { DatabaseSync } from 'node:sqlite'
import { CulvertError } from '../../src/core/errors.ts'
import type { MetricName, MetricSeries } from '../../src/core/search.ts'
import { type MetricQuery, maxSeries, parseMetricQuery, parseRange } from './metric-query.ts'
import type { Reader } from './reader.ts'

export interface MetricsAnswer {
  /** By app and instance; at most `maxSeries`. */
  readonly series: readonly MetricSeries[]
  /** Width of a step: as asked, or larger. */
  readonly stepMs: number
  /** Whether there are more series than these. */
  readonly truncated: boolean
}

const maxNames = 1000
const maxAppsPerName = 200

interface Sums {
  sum: number
  count: number
  delta: number
}

interface SeriesSums extends Omit<MetricSeries, 'points'> {
  readonly steps: Map<number, Sums>
}

const tooLong = () => new CulvertError('QUERY_DEADLINE', 'The search took too long.')

const seriesOf = (database: DatabaseSync, name: string, app: string | undefined) => {
  const sql = 'SELECT s.id, s.kind, s.unit, s.source FROM series s'
  if (app === undefined) return database.prepare(`${sql} WHERE s.name = ?`).all(name)
  return database
    .prepare(
      `${sql} JOIN sources o ON o.id = s.source JOIN apps a ON a.id = o.app WHERE s.name = ? AND ? IN (a.name, a.guid)`
    )
    .all(name, app)
}

/** Steps of the series with this name, from all files. Throws QUERY_INVALID and QUERY_DEADLINE. */
export function searchMetrics(reader: Reader, query: MetricQuery, deadline: number): MetricsAnswer {
  const { name, app, from, to, stepMs } = parseMetricQuery(query)
  const found = new Map<string, SeriesSums>()
  let truncated = false

  reader.each(({ database, source: sourceOf }) => {
    const sums =
      database.prepare(`SELECT time / ?1 AS step, sum(value) AS sum, count(value) AS count, sum(delta) AS delta
      FROM points WHERE series = ?2 AND time BETWEEN ?3 AND ?4 GROUP BY 1`)
    for (const { id, kind, unit, source } of seriesOf(database, name, app)) {
      if (performance.now() > deadline) throw tooLong()
      const rows = sums.all(BigInt(stepMs * 1000), id!, from * 1000, to * 1000 + 999)
      if (rows.length === 0) continue
      const about = { name, kind: String(kind), unit: String(unit), source: sourceOf(Number(source)) }
      const key = JSON.stringify(about)
      let series = found.get(key)
      if (series === undefined) {
        truncated ||= found.size === maxSeries
        if (found.size === maxSeries) continue
        found.set(key, (series = { ...about, steps: new Map() }))
      }
      for (const row of rows) {
        const step = Number(row.step)
        const at = series.steps.get(step) ?? { sum: 0, count: 0, delta: 0 }
        series.steps.set(step, at)
        at.sum += Number(row.sum)
        at.count += Number(row.count)
        at.delta += Number(row.delta)
      }
    }
    return true
  })
  const series = [...found.values()].map(one => charted(one, stepMs)).filter(({ points }) => points.length > 0)
  return { series: series.sort(byAppAndInstance), stepMs, truncated }
}

function charted({ steps, ...about }: SeriesSums, stepMs: number): MetricSeries {
  const points = [...steps]
    .filter(([, { count }]) => count > 0)
    .sort(([a], [b]) => a - b)
    .map(([step, { sum, count, delta }]): [number, number] => [
      step * stepMs,
      about.kind === 'counter' ? (delta * 1000) / stepMs : sum / count
    ])
  return { ...about, points }
}

const byAppAndInstance = (a: MetricSeries, b: MetricSeries): number =>
  a.source.app.localeCompare(b.source.app) ||
  a.source.instance.localeCompare(b.source.instance, 'en', { numeric: true })

/** What there is to chart within the range: one entry per name, kind and unit, sorted by name. */
export function searchNames(
  reader: Reader,
  query: { from?: string | number; to?: string | number },
  deadline: number
): { names: MetricName[] } {
  const { from, to } = parseRange(query)
  const found = new Map<string, { name: string; kind: string; unit: string; apps: Set<string> }>()

  reader.each(({ database, source: sourceOf }) => {
    const all = database.prepare('SELECT id, name, kind, unit, source FROM series')
    const any = database.prepare('SELECT 1 FROM points WHERE series = ? AND time BETWEEN ? AND ? LIMIT 1')
    for (const row of all.iterate()) {
      if (performance.now() > deadline) throw tooLong()
      const [name, kind, unit] = [String(row.name), String(row.kind), String(row.unit)]
      const key = JSON.stringify([name, kind, unit])
      const { app } = sourceOf(Number(row.source))
      const known = found.get(key)
      if (known?.apps.has(app) || known?.apps.size === maxAppsPerName || (!known && found.size === maxNames)) continue
      if (any.get(row.id!, from * 1000, to * 1000 + 999) === undefined) continue
      if (known) known.apps.add(app)
      else found.set(key, { name, kind, unit, apps: new Set([app]) })
    }
    return true
  })
  const names = [...found.values()].map(({ apps, ...about }) => ({ ...about, apps: [...apps].sort() }))
  return { names: names.sort((a, b) => a.name.localeCompare(b.name) || a.kind.localeCompare(b.kind)) }
}
