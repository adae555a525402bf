import type { InfluxDB } from '@influxdata/influxdb-client'
import { BucketsAPI, HealthAPI, OrgsAPI } from '@influxdata/influxdb-client-apis'
import { CulvertError } from '../../src/core/errors.ts'
import { statusOf } from './client.ts'
import type { ParsedInfluxdbOptions } from './options.ts'

const secondsPerDay = 86_400

/**
 * Checks that InfluxDB is well, and creates the bucket where it is missing. A token that may do no more than write sees no buckets and creates none:
 * then the first write tells. Throws what the transport throws, and SINK_UNAVAILABLE.
 */
export async function prepareBucket(influx: InfluxDB, options: ParsedInfluxdbOptions): Promise<void> {
  const health = await new HealthAPI(influx).getHealth()
  if (health.status !== 'pass') {
    throw new CulvertError('SINK_UNAVAILABLE', `InfluxDB is not well: ${health.message ?? 'it does not say why'}`, {
      retryable: true
    })
  }
  if (options.createBucket === 'never' || (await bucketExists(influx, options))) return
  const retentionRules = [{ type: 'expire' as const, everySeconds: options.bucketRetentionDays * secondsPerDay }]
  try {
    const orgID = await orgId(influx, options.org)
    if (orgID !== undefined)
      await new BucketsAPI(influx).postBuckets({ body: { orgID, name: options.bucket, retentionRules } })
  } catch (error) {
    // 403: may not; 422: another one was quicker. 401 here means `may not` too: the call before it passed
    if (!hasStatus(error, 401, 403, 404, 422)) throw error
  }
}

async function bucketExists(influx: InfluxDB, { org, bucket }: ParsedInfluxdbOptions): Promise<boolean> {
  try {
    const { buckets = [] } = await new BucketsAPI(influx).getBuckets({ org, name: bucket })
    return buckets.length > 0
  } catch (error) {
    if (hasStatus(error, 404)) return false
    throw error
  }
}

async function orgId(influx: InfluxDB, org: string): Promise<string | undefined> {
  const { orgs = [] } = await new OrgsAPI(influx).getOrgs({ org })
  return orgs[0]?.id
}

const hasStatus = (error: unknown, ...statuses: number[]): boolean => statuses.includes(statusOf(error) ?? 0)
