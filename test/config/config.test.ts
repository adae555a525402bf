import { afterAll, describe, expect, test } from 'vitest'
import { effectiveConfig } from '../../src/config/effective.ts'
import { parseConfig } from '../../src/config.ts'
import { CulvertError } from '../../src/core/errors.ts'
import { makeCertificates } from './certificates.ts'

const certificates = makeCertificates()
afterAll(() => certificates.remove())

const { server, client, ca, dir } = certificates
const tlsEnv = { CULVERT_TLS_CERT: server.cert, CULVERT_TLS_KEY: server.key }
const guarded = { CULVERT_TOKEN: 'a-long-token', CULVERT_DRAIN_USER: 'cf', CULVERT_DRAIN_PASSWORD: 'p@ss' }
const influx = {
  INFLUXDB_URL: 'http://influx:8086',
  INFLUXDB_TOKEN: 'influx-token',
  INFLUXDB_ORG: 'acme',
  INFLUXDB_BUCKET: 'cf'
}

const listener = { maxFrameBytes: 131_072, idleTimeoutMs: 900_000, maxConnections: 50_000 }
const named = (name: string) => ({ name, create: expect.any(Function) })

/** The lines of the error, without its first. */
function problemsOf(env: Record<string, string | undefined>): string[] {
  try {
    parseConfig(env)
  } catch (error) {
    expect(error).toBeInstanceOf(CulvertError)
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', retryable: false })
    return String(error)
      .split('\n')
      .slice(1)
      .map(line => line.trim())
  }
  return []
}

describe('what is configured', () => {
  test('nothing: everything on loopback, stored locally', () => {
    expect(parseConfig({})).toEqual({
      host: '127.0.0.1',
      http: { port: 8080, bodyLimit: 4 * 2 ** 20 },
      drain: { acknowledge: 'stored' },
      syslog: [{ host: '127.0.0.1', port: 5514, ...listener }],
      maxFrameBytes: 131_072,
      memoryBytes: 96 * 2 ** 20,
      journal: {
        dir: 'data',
        maxBytes: 10 * 2 ** 30,
        segmentBytes: 2 ** 27,
        partitions: 1,
        sync: 'always',
        repeatMs: 900_000,
        retainMs: 0,
        retainBytes: Number.MAX_SAFE_INTEGER
      },
      processors: [named('router-log'), named('json-log'), named('drain-urls')],
      sinks: [
        {
          kind: 'local',
          name: 'local',
          whenFull: 'wait',
          processors: [],
          options: { dir: 'data', maxFileBytes: 2 ** 28, maxTotalBytes: 5 * 2 ** 30, maxDays: 7 }
        }
      ],
      dataDir: 'data',
      logLevel: 'info',
      onCloudFoundry: false,
      ephemeral: false,
      routes: []
    })
  })

  test('empty variables count as absent', () => {
    const empty = { PORT: '', CULVERT_TOKEN: ' ', INFLUXDB_URL: '', CULVERT_NONSENSE: undefined }
    expect(effectiveConfig(parseConfig(empty))).toEqual(effectiveConfig(parseConfig({})))
  })

  test('both servers instead of the local store', () => {
    const env = {
      ...influx,
      ELASTICSEARCH_URL: 'https://el%40stic:p%25ss@es:9200',
      ELASTICSEARCH_REQUEST_TIMEOUT: '20s',
      CULVERT_WHEN_FULL: 'skip'
    }
    expect(parseConfig(env).sinks).toMatchObject([
      {
        kind: 'elasticsearch',
        name: 'elasticsearch',
        whenFull: 'skip',
        options: {
          node: 'https://es:9200/',
          auth: { username: 'el@stic', password: 'p%ss' },
          dataset: 'app',
          namespace: 'default',
          requestTimeoutMs: 20_000
        }
      },
      {
        kind: 'influxdb',
        name: 'influxdb',
        whenFull: 'skip',
        options: {
          url: 'http://influx:8086/',
          token: 'influx-token',
          org: 'acme',
          bucket: 'cf',
          requestTimeoutMs: 30_000
        }
      }
    ])
  })

  test.each([
    [{ ...influx }, ['influxdb', 'local']],
    [{ ELASTICSEARCH_URL: 'http://es:9200' }, ['elasticsearch']],
    [{ ELASTICSEARCH_URL: 'http://es:9200', CULVERT_LOCAL_STORE: 'on' }, ['elasticsearch', 'local']],
    [{ ...influx, CULVERT_LOCAL_STORE: 'off' }, ['influxdb']]
  ])('sinks of %o: %o', (env, kinds) => expect(parseConfig(env).sinks.map(sink => sink.kind)).toEqual(kinds))

  test('an API key of Elasticsearch', () => {
    const { sinks } = parseConfig({ ELASTICSEARCH_URL: 'https://es:9200', ELASTICSEARCH_API_KEY: 'c2VjcmV0' })
    expect(sinks[0]).toMatchObject({ options: { node: 'https://es:9200/', auth: { apiKey: 'c2VjcmV0' } } })
  })

  test('a CA of Elasticsearch’s own', () => {
    const { sinks } = parseConfig({ ELASTICSEARCH_URL: 'https://es:9200', ELASTICSEARCH_CA: `${dir}/ca.crt` })
    expect(sinks[0]).toMatchObject({ options: { caCertificate: ca } })
  })

  test('every number, size and time', () => {
    const config = parseConfig({
      PORT: '0',
      CULVERT_SYSLOG_PORT: '601',
      CULVERT_MAX_FRAME_BYTES: '64 KiB',
      CULVERT_MAX_BODY_BYTES: '1MiB',
      CULVERT_IDLE_TIMEOUT: '20m',
      CULVERT_JOURNAL_MAX_BYTES: '1 GB',
      CULVERT_JOURNAL_RETAIN: '7d',
      CULVERT_JOURNAL_RETAIN_BYTES: '500 MB',
      CULVERT_JOURNAL_SYNC: 'never',
      CULVERT_PARTITIONS: '4',
      CULVERT_DATA_DIR: '/var/lib/culvert',
      LOG_LEVEL: 'debug'
    })
    expect(config).toMatchObject({
      http: { port: 0, bodyLimit: 2 ** 20 },
      syslog: [{ port: 601, maxFrameBytes: 65_536, idleTimeoutMs: 1_200_000 }],
      maxFrameBytes: 65_536,
      journal: {
        dir: '/var/lib/culvert',
        maxBytes: 1e9,
        partitions: 4,
        retainMs: 7 * 864e5,
        retainBytes: 5e8,
        sync: 'never'
      },
      dataDir: '/var/lib/culvert',
      logLevel: 'debug'
    })
  })

  test('Cloud Foundry: all addresses, and our routes', () => {
    const VCAP_APPLICATION = JSON.stringify({ application_uris: ['logs.example.com'] })
    expect(parseConfig({ ...guarded, VCAP_APPLICATION })).toMatchObject({
      host: '0.0.0.0',
      onCloudFoundry: true,
      routes: ['logs.example.com'],
      http: { token: 'a-long-token' },
      drain: { user: 'cf', password: 'p@ss' }
    })
    expect(parseConfig({ ...guarded, VCAP_APPLICATION: 'no JSON' }).routes).toEqual([])
  })

  test('a certificate as text, as a file and with written-out line feeds opens both TLS ports', () => {
    const tls = { cert: server.cert, key: server.key, clientCa: ca }
    const expected = { https: { port: 8443, tls }, syslog: [{ port: 5514 }, { port: 6514, tls }] }
    const text = { ...tlsEnv, CULVERT_TLS_CLIENT_CA: ca }
    const files = {
      CULVERT_TLS_CERT: `${dir}/server.crt`,
      CULVERT_TLS_KEY: `${dir}/server.key`,
      CULVERT_TLS_CLIENT_CA: `${dir}/ca.crt`
    }
    const oneLine = Object.fromEntries(Object.entries(text).map(([key, pem]) => [key, pem.replaceAll('\n', '\\n')]))
    for (const env of [text, files, oneLine]) expect(parseConfig(env)).toMatchObject(expected)
  })

  test('secrets are not printed', () => {
    const env = { ...tlsEnv, ...influx, ...guarded, ELASTICSEARCH_URL: 'https://elastic:es-secret@es' }
    const printed = JSON.stringify(effectiveConfig(parseConfig(env)))
    for (const secret of ['a-long-token', 'p@ss', 'influx-token', 'es-secret', 'BEGIN'])
      expect(printed).not.toContain(secret)
    expect(effectiveConfig(parseConfig(guarded))).toMatchObject({
      http: { port: 8080, token: '***' },
      drain: { user: 'cf', password: '***' }
    })
  })
})

describe('what is refused', () => {
  test.each([
    ['PORT', '65536', 'a port from 0 to 65535'],
    ['PORT', '80a', 'a port from 0 to 65535'],
    ['CULVERT_SYSLOG_PORT', '-1', 'a port from 0 to 65535'],
    ['CULVERT_MAX_FRAME_BYTES', '8 GiB', 'a size from 1 KiB to 1 MiB'],
    ['CULVERT_MAX_BODY_BYTES', 'lots', 'a size from 64 KiB to 8 MiB'],
    ['CULVERT_IDLE_TIMEOUT', '15', 'a time from 1s to 1d'],
    ['CULVERT_JOURNAL_MAX_BYTES', '1 MiB', 'a size from 64 MiB to 64 TiB'],
    ['CULVERT_JOURNAL_RETAIN', '2y', 'a time from 0ms to 365d'],
    ['CULVERT_JOURNAL_SYNC', 'sometimes', 'one of always, never'],
    ['CULVERT_PARTITIONS', '0', 'a number from 1 to 64'],
    ['CULVERT_WHEN_FULL', 'drop', 'one of wait, skip'],
    ['CULVERT_DRAIN_ACKNOWLEDGE', 'soon', 'one of stored, delivered'],
    ['CULVERT_LOCAL_STORE', 'maybe', 'one of auto, on, off'],
    ['CULVERT_INSECURE', 'yes', '1 or 0'],
    ['ELASTICSEARCH_DATASET', 'a-b', 'up to 80 of a-z'],
    ['LOG_LEVEL', 'loud', 'one of trace, debug, info, warn, error, fatal, silent']
  ])('%s=%s, saying what is allowed', (key, value, allowed) => {
    const problems = problemsOf({ [key]: value })
    expect(problems).toEqual([expect.stringContaining(`${key}: '${value}' is not allowed; it may be ${allowed}`)])
  })

  test.each([
    ['CULVERT_TOKEN', 'secret'],
    ['ELASTICSEARCH_URL', 'es:9200/secret']
  ])('%s without printing its value', (key, value) => {
    const [problem, ...others] = problemsOf({ [key]: value })
    expect(problem).toMatch(new RegExp(`^${key}: its value is not allowed; it may be `))
    expect(problem).not.toContain('secret')
    expect(others).toEqual([])
  })

  test('an unknown name, with the one that was meant', () => {
    expect(problemsOf({ CULVERT_TOKN: 'x', CULVERT_TEST_SERVICES: 'none' })).toEqual([
      'CULVERT_TOKN: there is no such setting; did you mean CULVERT_TOKEN?'
    ])
    expect(problemsOf({ CULVERT_SOMETHING_ELSE_ALTOGETHER: 'x' })).toEqual([
      'CULVERT_SOMETHING_ELSE_ALTOGETHER: there is no such setting'
    ])
  })

  test.each([
    [{ INFLUXDB_URL: 'http://i' }, 'INFLUXDB_TOKEN, INFLUXDB_ORG, INFLUXDB_BUCKET: missing, and INFLUXDB_URL needs it'],
    [{ ...influx, INFLUXDB_BUCKET: '' }, 'INFLUXDB_BUCKET: missing, and INFLUXDB_URL needs it'],
    [{ INFLUXDB_TOKEN: 't' }, 'INFLUXDB_URL: missing, and INFLUXDB_TOKEN needs it'],
    [{ ELASTICSEARCH_API_KEY: 'k' }, 'ELASTICSEARCH_URL: missing, and ELASTICSEARCH_API_KEY needs it'],
    [
      { CULVERT_JOURNAL_RETAIN_BYTES: '1 GiB' },
      'CULVERT_JOURNAL_RETAIN: missing, and CULVERT_JOURNAL_RETAIN_BYTES needs it'
    ],
    [{ CULVERT_DRAIN_USER: 'cf' }, 'CULVERT_DRAIN_PASSWORD: missing, and CULVERT_DRAIN_USER needs it'],
    [{ CULVERT_DRAIN_PASSWORD: 'p' }, 'CULVERT_DRAIN_USER: missing, and CULVERT_DRAIN_PASSWORD needs it'],
    [{ CULVERT_HTTPS_PORT: '443' }, 'CULVERT_TLS_CERT: missing, and CULVERT_HTTPS_PORT needs it'],
    [{ CULVERT_SYSLOG_TLS_PORT: '6514' }, 'CULVERT_TLS_CERT: missing, and CULVERT_SYSLOG_TLS_PORT needs it'],
    [{ CULVERT_TLS_CERT: server.cert }, 'CULVERT_TLS_KEY: missing, and CULVERT_TLS_CERT needs it'],
    [{ CULVERT_TLS_CLIENT_CA: ca }, 'CULVERT_TLS_CERT: missing, and CULVERT_TLS_CLIENT_CA needs it']
  ])('half a setting: %#', (env, problem) => expect(problemsOf(env)).toEqual([problem]))

  test.each([
    [{ ELASTICSEARCH_URL: 'http://u:p@es', ELASTICSEARCH_API_KEY: 'k' }, /^ELASTICSEARCH_API_KEY: contradicts/],
    [
      { INFLUXDB_URL: 'http://u:p@influx', INFLUXDB_TOKEN: 't', INFLUXDB_ORG: 'o', INFLUXDB_BUCKET: 'b' },
      /^INFLUXDB_URL: has a login/
    ],
    [{ CULVERT_LOCAL_STORE: 'off' }, /^CULVERT_LOCAL_STORE: off leaves no sink/],
    [{ CULVERT_DRAIN_ACKNOWLEDGE: 'delivered', CULVERT_WHEN_FULL: 'skip' }, /^CULVERT_WHEN_FULL: skip gives up lines/],
    [{ PORT: '5514' }, /^CULVERT_SYSLOG_PORT: 5514 is the port of PORT too/],
    [{ ...tlsEnv, CULVERT_HTTPS_PORT: '8080' }, /^CULVERT_HTTPS_PORT: 8080 is the port of PORT too/],
    [{ KAFKA_BROKERS: 'kafka:9092' }, /^KAFKA_BROKERS: this version has no Kafka journal yet/]
  ])('a contradiction: %#', (env, problem) => expect(problemsOf(env)).toEqual([expect.stringMatching(problem)]))

  test('any free port may be asked for twice', () => {
    expect(problemsOf({ PORT: '0', CULVERT_SYSLOG_PORT: '0' })).toEqual([])
  })

  test.each(['0.0.0.0', '::', '10.0.0.1', 'logs.example.com'])('%s without credentials', CULVERT_HOST => {
    const missing = [expect.stringMatching(/^CULVERT_TOKEN: missing/), expect.stringMatching(/^CULVERT_DRAIN_USER and/)]
    expect(problemsOf({ CULVERT_HOST })).toEqual(missing)
    expect(problemsOf({ CULVERT_HOST, CULVERT_TOKEN: 'a-long-token' })).toEqual(missing.slice(1))
    expect(problemsOf({ CULVERT_HOST, ...guarded, CULVERT_TOKEN: undefined })).toEqual(missing.slice(0, 1))
    expect(problemsOf({ CULVERT_HOST, ...guarded })).toEqual([])
    expect(problemsOf({ CULVERT_HOST, CULVERT_INSECURE: '1' })).toEqual([])
  })

  test('Cloud Foundry without credentials', () => {
    expect(problemsOf({ VCAP_APPLICATION: '{}' })).toHaveLength(2)
  })

  test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('but not %s, which is loopback', CULVERT_HOST => {
    expect(problemsOf({ CULVERT_HOST })).toEqual([])
  })

  test('a TLS file that is not there, holds something else, or is another’s key', () => {
    expect(problemsOf({ ...tlsEnv, CULVERT_TLS_CERT: '/nowhere/cert.pem' })).toEqual([
      expect.stringMatching(/^CULVERT_TLS_CERT: is a file that cannot be read \(ENOENT\)/)
    ])
    expect(problemsOf({ ...tlsEnv, CULVERT_TLS_KEY: server.cert })).toEqual([
      expect.stringMatching(/^CULVERT_TLS_KEY: does not hold what it should/)
    ])
    expect(problemsOf({ ...tlsEnv, CULVERT_TLS_KEY: client.key })).toEqual([
      'CULVERT_TLS_KEY: is not the key of the certificate in CULVERT_TLS_CERT'
    ])
    expect(problemsOf({ ...tlsEnv, CULVERT_TLS_CLIENT_CA: '-----BEGIN CERTIFICATE-----\nAAAA\n' })).toEqual([
      expect.stringMatching(/^CULVERT_TLS_CLIENT_CA: does not hold/)
    ])
  })

  test('everything at once', () => {
    const problems = problemsOf({
      PORT: 'x',
      CULVERT_IDLE_TIMEOUT: 'y',
      CULVERT_NO: '1',
      INFLUXDB_URL: 'http://i',
      CULVERT_HOST: '0.0.0.0',
      CULVERT_TLS_CERT: '/nowhere',
      CULVERT_TLS_KEY: server.key
    })
    expect(problems.map(problem => problem.split(':')[0])).toEqual([
      'PORT',
      'CULVERT_IDLE_TIMEOUT',
      'CULVERT_NO',
      'INFLUXDB_TOKEN, INFLUXDB_ORG, INFLUXDB_BUCKET',
      'CULVERT_TLS_CERT',
      'CULVERT_TOKEN',
      'CULVERT_DRAIN_USER and CULVERT_DRAIN_PASSWORD'
    ])
  })
})
