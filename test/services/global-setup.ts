import type { TestProject } from 'vitest/node'
import type { InfluxAccess } from './influxdb.ts'
import { shareElasticsearch, shareInfluxdb } from './shared.ts'

declare module 'vitest' {
  interface ProvidedContext {
    elasticsearchUrl: string
    influxdb: InfluxAccess
  }
}

/** Gets the servers that all service tests share, once per run. Throws, and so fails the run, when one cannot be had. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [elasticsearch, influxdb] = await Promise.allSettled([shareElasticsearch(), shareInfluxdb()])
  const stop = async () => {
    for (const result of [elasticsearch, influxdb]) if (result.status === 'fulfilled') await result.value.stop()
  }
  if (elasticsearch.status === 'fulfilled' && influxdb.status === 'fulfilled') {
    project.provide('elasticsearchUrl', elasticsearch.value.url)
    const { url, org, bucket, token } = influxdb.value
    project.provide('influxdb', { url, org, bucket, token })
    return stop
  }
  await stop()
  const reasons = [elasticsearch, influxdb].flatMap(result =>
    result.status === 'rejected' ? [String(result.reason)] : []
  )
  throw new Error(
    `Servers for the service tests cannot be had (CULVERT_TEST_SERVICES=none leaves those tests out):\n${reasons.join('\n')}`
  )
}
