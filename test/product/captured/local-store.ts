import type { LogRow } from '../../../src/core/plain.ts'
import type { MetricName, MetricSeries } from '../../../src/core/search.ts'
import type { Product } from '../product.ts'
import { inOrder, toMicros, withoutRuns } from './normal.ts'

/** The second in which all captured envelopes were made. */
const range = 'from=2026-11-24T04:29:03Z&to=2026-11-24T04:29:04Z'

async function get<T>(product: Product, path: string): Promise<T> {
  return JSON.parse(await (await fetch(`${product.http}/api/v1/${path}`)).text())
}

/** All rows, newest first, as the API answers them. */
export const rowsOf = async (product: Product): Promise<LogRow[]> =>
  (await get<{ logs: LogRow[] }>(product, 'logs?limit=500')).logs

/** The rows in the order of their times, without what differs from run to run. */
export const plainRows = (rows: readonly LogRow[]) =>
  inOrder(
    rows.map(({ id: _id, receivedAt: _receivedAt, ...row }) => ({
      ...row,
      time: toMicros(row.time),
      message: withoutRuns(row.message)
    })),
    ({ time, message }) => [time, message]
  )

/** Every metric's series by its name, with steps of a second. */
export async function seriesOf(product: Product): Promise<MetricSeries[]> {
  const { names } = await get<{ names: MetricName[] }>(product, `metrics/names?${range}`)
  const answers = names.map(({ name }) =>
    get<{ series: MetricSeries[] }>(product, `metrics?${range}&stepMs=1000&name=${encodeURIComponent(name)}`)
  )
  return (await Promise.all(answers)).flatMap(({ series }) => series)
}
