import { InfluxDB } from '@influxdata/influxdb-client'
import { BucketsAPI, OrgsAPI } from '@influxdata/influxdb-client-apis'
import type { InfluxAccess } from '../../services/services.ts'
import { inOrder, toMicros } from './normal.ts'

/** A point as InfluxDB gives it back. */
export interface Point {
  readonly measurement: string
  readonly time: string
  readonly tags: Readonly<Record<string, string>>
  /** Value and type of each field, as `0.4213 double`. */
  readonly fields: Record<string, string>
}

/** A bucket that keeps all points, however old. */
export async function createBucket({ url, token, org }: InfluxAccess, name: string): Promise<void> {
  const influx = new InfluxDB({ url, token })
  const { orgs } = await new OrgsAPI(influx).getOrgs({ org })
  await new BucketsAPI(influx).postBuckets({ body: { orgID: orgs![0]!.id!, name, retentionRules: [] } })
}

/** All points of a bucket, in the order of their times; digits 7 to 9 of these are those of the place in the record. */
export async function pointsOf({ url, token, org }: InfluxAccess, bucket: string): Promise<Point[]> {
  const query = `from(bucket: "${bucket}") |> range(start: 0, stop: 2200-01-01T00:00:00Z)`
  const points = new Map<string, Point>()
  await new InfluxDB({ url, token }).getQueryApi(org).collectRows(query, (values, { columns }) => {
    const row = Object.fromEntries(columns.map(({ label }, at) => [label, values[at] ?? '']))
    const { result: _1, table: _2, _start, _stop, _time, _measurement, _field, _value, ...tags } = row
    const type = columns.find(({ label }) => label === '_value')!.dataType
    const point = { measurement: _measurement!, time: toMicros(_time!), tags, fields: {} as Record<string, string> }
    const key = JSON.stringify(point)
    if (!points.has(key)) points.set(key, point)
    points.get(key)!.fields[_field!] = `${_value} ${type}`
  })
  return inOrder([...points.values()], ({ time, measurement, tags }) => [time, measurement, tags['name'] ?? ''])
}
