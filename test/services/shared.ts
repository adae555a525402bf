import { startElasticsearch } from './elasticsearch.ts'
import { installElasticsearch } from './elasticsearch-install.ts'
import { type InfluxAccess, startInfluxdb } from './influxdb.ts'
import { installInfluxdb } from './influxdb-install.ts'
import { startLoginProxy } from './login-proxy.ts'
import { say, withProgress } from './progress.ts'

interface Stoppable {
  stop(): Promise<void>
}

/** The Elasticsearch of ELASTICSEARCH_URL, else one of our own. */
export async function shareElasticsearch(): Promise<{ url: string } & Stoppable> {
  const url = process.env.ELASTICSEARCH_URL
  if (!url) return withProgress('starting Elasticsearch', () => startElasticsearch())
  await reach(url, 'ELASTICSEARCH_URL')
  await prepare('Elasticsearch', installElasticsearch)
  return new URL(url).username === '' ? { url, stop: async () => {} } : startLoginProxy(url)
}

/** The InfluxDB of INFLUXDB_URL, INFLUXDB_ORG, INFLUXDB_BUCKET and INFLUXDB_TOKEN, else one of our own. */
export async function shareInfluxdb(): Promise<InfluxAccess & Stoppable> {
  const { INFLUXDB_URL: url, INFLUXDB_ORG: org, INFLUXDB_BUCKET: bucket, INFLUXDB_TOKEN: token } = process.env
  if (!url) return withProgress('starting InfluxDB', () => startInfluxdb())
  if (!org || !bucket || !token) {
    throw new Error('INFLUXDB_URL is set, and so INFLUXDB_ORG, INFLUXDB_BUCKET and INFLUXDB_TOKEN must be.')
  }
  await reach(url, 'INFLUXDB_URL')
  await prepare('InfluxDB', installInfluxdb)
  return { url, org, bucket, token, stop: async () => {} }
}

/** Any answer will do: the tests themselves tell whether the server is the right one. */
async function reach(url: string, variable: string): Promise<void> {
  const { origin } = new URL(url) // without user and password, which fetch refuses
  try {
    await fetch(origin, { signal: AbortSignal.timeout(10_000) })
  } catch (error) {
    throw new Error(`Nothing answers at ${origin}, which ${variable} names.`, { cause: error })
  }
}

/** Tests that stop or kill a server start one of their own all the same, and must not wait for its installation in a hook. */
async function prepare(name: string, install: () => Promise<string>): Promise<void> {
  await install().catch(error => say(`tests that need a ${name} of their own will fail: ${error.message}`))
}
