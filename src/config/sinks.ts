import { loginApart } from './login.ts'
import type { Settings } from './settings.ts'

/** What the environment says of sinks. */
export interface SinkEnvironment {
  /** Those that are on where no configuration file names any. */
  readonly on: readonly ('elasticsearch' | 'influxdb' | 'local')[]
  readonly whenFull: 'wait' | 'skip'
  /** Options as far as they are known, by kind. */
  readonly options: {
    readonly elasticsearch: Readonly<Record<string, unknown>>
    readonly influxdb: Readonly<Record<string, unknown>>
    readonly local: Readonly<Record<string, unknown>>
    readonly stdout: Readonly<Record<string, unknown>>
  }
}

/** `caCertificate` is PEM. */
export function sinkEnvironment(settings: Settings, caCertificate: string | undefined): SinkEnvironment {
  const { elasticsearch, influxdb, local, journal } = settings
  const { ELASTICSEARCH_URL: node, ELASTICSEARCH_API_KEY: apiKey } = elasticsearch
  const { INFLUXDB_URL: url, INFLUXDB_TOKEN: token, INFLUXDB_ORG: org, INFLUXDB_BUCKET: bucket } = influxdb
  const address = node === undefined ? undefined : loginApart(node.href)
  const store = local.CULVERT_LOCAL_STORE
  return {
    // An incomplete InfluxDB is refused already: src/config/rules.ts.
    on: [
      ...(node === undefined ? [] : (['elasticsearch'] as const)),
      ...(url === undefined || !token || !org || !bucket ? [] : (['influxdb'] as const)),
      ...(store === 'on' || (store === 'auto' && node === undefined) ? (['local'] as const) : [])
    ],
    whenFull: journal.CULVERT_WHEN_FULL,
    options: {
      elasticsearch: {
        node: address?.url,
        auth: apiKey === undefined ? address?.login : { apiKey },
        caCertificate,
        dataset: elasticsearch.ELASTICSEARCH_DATASET,
        namespace: elasticsearch.ELASTICSEARCH_NAMESPACE,
        requestTimeoutMs: elasticsearch.ELASTICSEARCH_REQUEST_TIMEOUT
      },
      influxdb: { url: url?.href, token, org, bucket, requestTimeoutMs: influxdb.INFLUXDB_REQUEST_TIMEOUT },
      local: { maxTotalBytes: local.CULVERT_LOCAL_MAX_BYTES, maxDays: local.CULVERT_LOCAL_DAYS },
      stdout: {}
    }
  }
}
