import type { Settings } from './settings.ts'

interface Lane {
  /** Of the lane and its cursor. */
  readonly name: string
  readonly whenFull: 'wait' | 'skip'
}

export type ElasticsearchLogin = { readonly username: string; readonly password: string } | { readonly apiKey: string }

/** One lane per sink. */
export type SinkConfig =
  | (Lane & {
      readonly kind: 'elasticsearch'
      readonly options: {
        /** Without user and password. */
        readonly node: string
        readonly auth?: ElasticsearchLogin
        readonly dataset: string
        readonly namespace: string
        /** PEM. */
        readonly caCertificate?: string
        readonly requestTimeoutMs: number
      }
    })
  | (Lane & {
      readonly kind: 'influxdb'
      readonly options: {
        readonly url: string
        readonly token: string
        readonly org: string
        readonly bucket: string
        readonly requestTimeoutMs: number
      }
    })
  | (Lane & {
      readonly kind: 'local'
      readonly options: {
        /** The data directory; the store makes a folder of its own in it. */
        readonly dir: string
        readonly maxTotalBytes: number
        readonly maxDays: number
      }
    })

/** The sinks that are on; parseConfig has refused what is incomplete. */
export function sinksOf(settings: Settings, caCertificate: string | undefined): readonly SinkConfig[] {
  const { elasticsearch, influxdb, local, journal } = settings
  const whenFull = journal.CULVERT_WHEN_FULL
  const sinks: SinkConfig[] = []

  if (elasticsearch.ELASTICSEARCH_URL !== undefined) {
    const { ELASTICSEARCH_URL: url, ELASTICSEARCH_DATASET: dataset, ELASTICSEARCH_NAMESPACE: namespace } = elasticsearch
    const auth = loginOf(url, elasticsearch.ELASTICSEARCH_API_KEY)
    const options = {
      node: withoutLogin(url),
      dataset,
      namespace,
      requestTimeoutMs: elasticsearch.ELASTICSEARCH_REQUEST_TIMEOUT,
      ...(auth === undefined ? {} : { auth }),
      ...(caCertificate === undefined ? {} : { caCertificate })
    }
    sinks.push({ kind: 'elasticsearch', name: 'elasticsearch', whenFull, options })
  }

  const { INFLUXDB_URL: url, INFLUXDB_TOKEN: token, INFLUXDB_ORG: org, INFLUXDB_BUCKET: bucket } = influxdb
  if (url !== undefined && token !== undefined && org !== undefined && bucket !== undefined) {
    const requestTimeoutMs = influxdb.INFLUXDB_REQUEST_TIMEOUT
    const options = { url: url.href, token, org, bucket, requestTimeoutMs }
    sinks.push({ kind: 'influxdb', name: 'influxdb', whenFull, options })
  }

  const store = local.CULVERT_LOCAL_STORE
  if (store === 'on' || (store === 'auto' && elasticsearch.ELASTICSEARCH_URL === undefined)) {
    const options = {
      dir: journal.CULVERT_DATA_DIR,
      maxTotalBytes: local.CULVERT_LOCAL_MAX_BYTES,
      maxDays: local.CULVERT_LOCAL_DAYS
    }
    sinks.push({ kind: 'local', name: 'local', whenFull, options })
  }
  return sinks
}

function loginOf(url: URL, apiKey: string | undefined): ElasticsearchLogin | undefined {
  if (apiKey !== undefined) return { apiKey }
  return url.username === '' ? undefined : { username: decoded(url.username), password: decoded(url.password) }
}

function withoutLogin(url: URL): string {
  const copy = new URL(url)
  copy.username = ''
  copy.password = ''
  return copy.href
}

/** A password with a bare `%` is meant as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
