import { describe, expect, test } from 'vitest'
import { type Addresses, banner, startup } from '../src/banner.ts'
import { parseConfig } from '../src/config.ts'

const loopback: Addresses = {
  http: { address: '127.0.0.1', port: 8080 },
  syslog: { address: '127.0.0.1', port: 5514 }
}
const everywhere: Addresses = {
  http: { address: '0.0.0.0', port: 8080 },
  https: { address: '::', port: 8443 },
  syslog: { address: '0.0.0.0', port: 5514 },
  syslogTls: { address: '192.0.2.7', port: 6514 }
}
const guarded = { CULVERT_TOKEN: 'a-long-token', CULVERT_DRAIN_USER: 'cf', CULVERT_DRAIN_PASSWORD: 'geheim' }
const influx = { INFLUXDB_URL: 'http://influx:8086', INFLUXDB_TOKEN: 't', INFLUXDB_ORG: 'acme', INFLUXDB_BUCKET: 'cf' }

test('a terminal is told what to do next', () => {
  expect(banner(parseConfig({}), loopback, '0.1.0').join('\n')).toBe(`Culvert 0.1.0 is running.

  Send logs  cf cups culvert-drain -l 'syslog://localhost:5514?drain-data=all'
             cf bind-service APP culvert-drain
  Look       http://localhost:8080  (API: http://localhost:8080/docs)
  Stores     local store: logs and metrics, in the data directory
  Data       data
`)
})

test('every way in, without its secrets', () => {
  const config = parseConfig({ ...guarded, CULVERT_HOST: '0.0.0.0' })
  const lines = banner(config, everywhere, '0.1.0').join('\n')
  expect(lines).toContain(`cf cups culvert-drain -l 'syslog://HOST:5514?drain-data=all'`)
  expect(lines).toContain(`or  cf cups culvert-drain -l 'syslog-tls://192.0.2.7:6514?drain-data=all'`)
  expect(lines).toContain(`or  cf cups culvert-drain -l 'https://USER:PASSWORD@HOST:8443/drain?drain-data=all'`)
  expect(lines).toContain('https://localhost:8443/docs')
  expect(lines).not.toContain('geheim')
})

test('on Cloud Foundry, the routes', () => {
  const VCAP_APPLICATION = JSON.stringify({ application_uris: ['logs.example.com', 'logs.internal.example.com'] })
  const addresses = { http: { address: '0.0.0.0', port: 8080 }, syslog: { address: '0.0.0.0', port: 5514 } }
  expect(startup(parseConfig({ ...guarded, VCAP_APPLICATION }), addresses)).toEqual({
    drains: [
      'https://USER:PASSWORD@logs.example.com/drain?drain-data=all',
      'https://USER:PASSWORD@logs.internal.example.com/drain?drain-data=all'
    ],
    console: 'https://logs.example.com',
    sinks: ['local store: logs and metrics, in the data directory'],
    dataDir: 'data',
    notes: [
      'The journal lives as long as this container: with CULVERT_DRAIN_ACKNOWLEDGE=delivered a POST is answered only when every lane has delivered it.'
    ]
  })
})

test('on Cloud Foundry, what the journal is worth', () => {
  const onCloudFoundry = { ...guarded, VCAP_APPLICATION: '{}' }
  const linesOf = (env: object) => banner(parseConfig({ ...onCloudFoundry, ...env }), loopback, '0.1.0').join('\n')
  expect(linesOf({ CULVERT_DRAIN_ACKNOWLEDGE: 'delivered' })).toContain(
    'Note       The journal lives as long as this container; POSTs are answered when every lane has delivered them.'
  )
  const mounted = { nfs: [{ volume_mounts: [{ container_dir: '/var/vcap/data/n', mode: 'rw' }] }, {}], other: [{}] }
  expect(linesOf({ CULVERT_DATA_DIR: '/var/vcap/data/n/d', VCAP_SERVICES: JSON.stringify(mounted) })).not.toContain(
    'container'
  )
  for (const VCAP_SERVICES of ['{', '[]', '{"nfs":7}', JSON.stringify(mounted)])
    expect(linesOf({ CULVERT_DATA_DIR: '/var/vcap/data', VCAP_SERVICES })).toContain('The journal lives')
})

describe('what no sink takes is said', () => {
  const noteOf = (env: Record<string, string>) => startup(parseConfig(env), loopback).notes.join(' ')
  test('metrics without InfluxDB', () =>
    expect(noteOf({ ELASTICSEARCH_URL: 'http://es' })).toMatch(/^Metrics are not kept/))
  test('logs without Elasticsearch', () =>
    expect(noteOf({ ...influx, CULVERT_LOCAL_STORE: 'off' })).toMatch(/^Logs are not kept/))
  test('nothing with both, or with the local store', () => {
    expect(noteOf({ ...influx, ELASTICSEARCH_URL: 'http://es' })).toBe('')
    expect(noteOf({})).toBe('')
  })
})

test('the sinks without their logins', () => {
  const { sinks } = startup(parseConfig({ ...influx, ELASTICSEARCH_URL: 'https://u:geheim@es:9200' }), loopback)
  expect(sinks).toEqual(['Elasticsearch: logs, https://es:9200/', 'InfluxDB: metrics, http://influx:8086/ bucket cf'])
})
