import { describe, expect, test } from 'vitest'
import { effectiveConfig } from '../../src/config/effective.ts'
import { parseConfig } from '../../src/config.ts'
import {
  type ConfigFile,
  defineConfig,
  disk,
  eachLog,
  elasticsearch,
  httpsDrain,
  influxdb,
  jsonLog,
  localStore,
  processor,
  redact,
  routerLog,
  stdout,
  syslog
} from '../../src/index.ts'
import { makeCertificates } from '../config/certificates.ts'

const parse = (file: unknown, env: Record<string, string> = {}) =>
  parseConfig(env, { path: 'culvert.config.ts', value: file })
const sinksOf = (sinks: ConfigFile['sinks'], env: Record<string, string> = {}) => parse({ sinks }, env).sinks
const inEnvironment = {
  ELASTICSEARCH_URL: 'https://elastic:geheim@es:9200',
  INFLUXDB_URL: 'http://influx:8086',
  INFLUXDB_TOKEN: 'influx-token',
  INFLUXDB_ORG: 'acme',
  INFLUXDB_BUCKET: 'cf'
}

function problemsOf(file: unknown, env: Record<string, string> = {}): string[] {
  try {
    parse(file, env)
  } catch (error) {
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' })
    return String(error).split('\n  ').slice(1)
  }
  return []
}

describe('what a file says', () => {
  test('nothing: as without one', () => {
    const { file, ...config } = parse(defineConfig({}))
    expect(file).toBe('culvert.config.ts')
    expect(effectiveConfig(config)).toEqual(effectiveConfig(parseConfig({})))
  })

  test('all of it', () => {
    const config = parse(
      defineConfig({
        ingest: [
          syslog({ port: 601, maxFrameBytes: '64 KiB', idleTimeoutMs: '20m' }),
          httpsDrain({ user: 'cf', password: 'p' })
        ],
        journal: disk({ dir: '/var/lib/culvert', maxBytes: '2 GiB', sync: 'never' }),
        processors: [routerLog(), eachLog('loud', log => log.with({ message: log.message.toUpperCase() }))],
        sinks: [localStore({ maxDays: 3, whenFull: 'skip' }), stdout({ name: 'out', processors: [jsonLog()] })]
      })
    )
    expect(effectiveConfig(config)).toMatchObject({
      syslog: [{ host: '127.0.0.1', port: 601, maxFrameBytes: 65_536, idleTimeoutMs: 1_200_000 }],
      drain: { user: 'cf', password: '***' },
      dataDir: '/var/lib/culvert',
      journal: { dir: '/var/lib/culvert', maxBytes: 2 ** 31, sync: 'never', partitions: 1 },
      processors: [{ name: 'router-log' }, { name: 'loud' }, { name: 'drain-urls' }],
      sinks: [
        {
          kind: 'local',
          name: 'local',
          whenFull: 'skip',
          processors: [],
          options: { dir: '/var/lib/culvert', maxDays: 3 }
        },
        { kind: 'stdout', name: 'out', whenFull: 'wait', processors: [{ name: 'json-log' }] }
      ]
    })
  })

  test('sinks are exactly those; what they do not say comes from the environment', () => {
    const env = { ...inEnvironment, ELASTICSEARCH_DATASET: 'other', CULVERT_WHEN_FULL: 'skip' }
    const auth = { username: 'elastic', password: 'geheim' }
    expect(sinksOf([elasticsearch({ namespace: 'production' })], env)).toMatchObject([
      {
        kind: 'elasticsearch',
        whenFull: 'skip',
        options: { node: 'https://es:9200/', auth, dataset: 'other', namespace: 'production' }
      }
    ])
    expect(sinksOf([influxdb({ url: undefined, bucket: 'other' })], env)).toMatchObject([
      { kind: 'influxdb', options: { url: 'http://influx:8086/', token: 'influx-token', org: 'acme', bucket: 'other' } }
    ])
  })

  test('an address in the file that is the environment’s gets its login, and another server does not', () => {
    const [same] = sinksOf([elasticsearch({ node: 'https://es:9200' })], inEnvironment)
    expect(same).toMatchObject({ options: { auth: { username: 'elastic', password: 'geheim' } } })
    const [other] = sinksOf([elasticsearch({ node: 'https://elsewhere:9200' })], inEnvironment)
    expect(other?.options).not.toHaveProperty('auth')
    expect(problemsOf({ sinks: [influxdb({ url: 'http://elsewhere:8086' })] }, inEnvironment)).toEqual([
      'sinks[0].token: is missing; give it here, or set INFLUXDB_TOKEN',
      'sinks[0].org: is missing; give it here, or set INFLUXDB_ORG',
      'sinks[0].bucket: is missing; give it here, or set INFLUXDB_BUCKET'
    ])
  })

  test('a login in the file is not mixed with that of the environment', () => {
    const [sink] = sinksOf([elasticsearch({ node: 'https://me:mine@es:9200' })], inEnvironment)
    expect(sink).toMatchObject({ options: { node: 'https://es:9200/', auth: { username: 'me', password: 'mine' } } })
  })

  test('a secret alone may stand in the environment', () => {
    const [sink] = sinksOf([elasticsearch({ node: 'https://es:9200' })], { ELASTICSEARCH_API_KEY: 'c2VjcmV0' })
    expect(sink).toMatchObject({ options: { node: 'https://es:9200/', auth: { apiKey: 'c2VjcmV0' } } })
  })

  test('a login in a URL is not shown', () => {
    const config = parse({ sinks: [elasticsearch({ node: 'https://elastic:geheim@es:9200' })] })
    expect(config.sinks).toMatchObject([{ options: { node: 'https://es:9200/', auth: { username: 'elastic' } } }])
    expect(JSON.stringify(effectiveConfig(config))).not.toContain('geheim')
  })

  test('certificates: as text, as files, from the environment', () => {
    const { server, ca, dir, remove } = makeCertificates()
    try {
      const { cert, key } = server
      const files = { cert: `${dir}/server.crt`, key: `${dir}/server.key`, clientCa: `${dir}/ca.crt` }
      const secure = { syslog: [{ port: 6514, tls: { cert, key, clientCa: ca } }] }
      expect(parse({ ingest: [syslog({ tls: files })] })).toMatchObject(secure)
      const env = { CULVERT_TLS_CERT: cert, CULVERT_TLS_KEY: key }
      expect(parse({ ingest: [syslog({ tls: { clientCa: ca } })] }, env)).toMatchObject(secure)
      expect(parse({ ingest: [httpsDrain({ tls: { cert, key }, port: 0 })] })).toMatchObject({
        syslog: [],
        https: { port: 0, tls: { cert, key } }
      })
      expect(parse({ ingest: [syslog()] }, env)).not.toHaveProperty('https')
    } finally {
      remove()
    }
  })

  test('no POSTs are taken where there is no httpsDrain()', () => {
    expect(parse({ ingest: [syslog()] })).not.toHaveProperty('drain')
    const open = { CULVERT_HOST: '0.0.0.0', CULVERT_TOKEN: 'a-long-token' }
    expect(problemsOf({ ingest: [syslog()] }, open)).toEqual([])
    expect(problemsOf({ ingest: [httpsDrain({ user: 'cf', password: 'p' })] }, open)).toEqual([])
    expect(problemsOf({ ingest: [httpsDrain()] }, open)).toEqual([expect.stringMatching(/^CULVERT_DRAIN_USER and/)])
  })

  test('each place has a processor of its own', () => {
    const counting = processor('counting', () => {
      let count = 0
      return events => (count++ === 0 ? events : [])
    })
    const [setting] = parse({ processors: [counting] }).processors
    expect([setting!.create(), setting!.create()].map(made => made.process([], 0))).toEqual([[], []])
    expect(setting!.create()).not.toBe(setting!.create())
  })
})

describe('what is refused', () => {
  test.each<[unknown, string]>([
    [5, 'the default export is no object: write `export default defineConfig({ … })`'],
    [{ sink: [] }, 'sink: there is no such option; did you mean sinks?'],
    [{ sinks: stdout() }, 'sinks: must be a list, as in `sinks: [elasticsearch()]`'],
    [{ sinks: [] }, 'sinks: is empty; name one at least, or leave it out'],
    [
      { sinks: [syslog()] },
      'sinks[0]: must be elasticsearch() or influxdb() or localStore() or stdout(), and not syslog()'
    ],
    [{ ingest: [5] }, 'ingest[0]: must be syslog() or httpsDrain()'],
    [{ journal: [disk()] }, 'journal: must be disk()'],
    [{ journal: { kind: 'disk', options: 3 } }, 'journal: disk() takes an object of options'],
    [
      { journal: { kind: 'disk', options: { maxByte: 1 } } },
      'journal.maxByte: there is no such option; did you mean maxBytes?'
    ],
    [{ journal: disk({ maxBytes: 'lots' }) }, "journal.maxBytes: must be a size of at least 1 MiB, like '4 MiB'"],
    [{ ingest: [syslog({ port: 70_000 })] }, 'ingest[0].port: must be at most 65535'],
    [{ ingest: [syslog({ port: 1.5 })] }, 'ingest[0].port: must be a whole number'],
    [{ ingest: [syslog(), syslog({ port: 601 })] }, 'ingest[1]: there is a syslog() without tls already'],
    [{ ingest: [syslog({ port: 8080 })] }, 'ingest[0].port: 8080 is the port of PORT too; give each its own'],
    [{ ingest: [httpsDrain(), httpsDrain()] }, 'ingest[1]: there is an httpsDrain() already'],
    [{ ingest: [httpsDrain({ user: 'cf' })] }, 'ingest[0].password: is missing, and user needs it'],
    [
      { ingest: [syslog({ tls: {} })] },
      'ingest[0].tls: has no certificate; give cert and key, or set CULVERT_TLS_CERT and CULVERT_TLS_KEY'
    ],
    [{ ingest: [syslog({ tls: { cert: 'x' } })] }, 'ingest[0].tls: needs cert and key, both or none'],
    [{ sinks: [elasticsearch()] }, 'sinks[0].node: is missing; give it here, or set ELASTICSEARCH_URL'],
    [
      { sinks: [elasticsearch({ node: 'es:9200' })] },
      'sinks[0].node: must be a URL that begins with http:// or https://'
    ],
    [
      { sinks: [{ kind: 'elasticsearch', options: { node: 'http://es', auth: { usernam: 'a', password: 'b' } } }] },
      'sinks[0].auth.username: is missing|sinks[0].auth.usernam: there is no such option; did you mean username?'
    ],
    [{ sinks: [localStore(), localStore({ name: 'other' })] }, 'sinks[1]: there is a localStore() already'],
    [{ sinks: [stdout(), stdout()] }, 'sinks[1].name: stdout is the name of sinks[0] too; give each its own'],
    [
      { sinks: [stdout({ name: 'out-1' })] },
      'sinks[0].name: may be up to 80 letters, digits, _, . and -, and ends in no digit or -'
    ],
    [
      { ingest: [httpsDrain({ acknowledge: 'delivered' })], sinks: [stdout({ whenFull: 'skip' })] },
      'whenFull of stdout: skip gives up lines that CULVERT_DRAIN_ACKNOWLEDGE=delivered promises to deliver; take wait'
    ],
    [
      { processors: [() => undefined] },
      'processors[0]: the function has no name, which its counts need: write `function name(event) { … }`'
    ],
    [
      { processors: [async function slow() {}] },
      'processors[0]: the function is async or a generator, and a processor has to answer at once'
    ],
    [
      { sinks: [stdout({ processors: [eachLog('slow', (async () => undefined) as never)] })] },
      'sinks[0].processors[0]: the function is async or a generator, and a processor has to answer at once'
    ],
    [{ processors: [eachLog('', log => log)] }, 'processors[0]: needs a name of up to 80 characters first'],
    [
      { processors: [processor('own', (() => 5) as never)] },
      'processors[0]: its function must answer a function of events'
    ],
    [
      {
        processors: [
          processor('own', () => {
            throw new Error('a bug')
          })
        ]
      },
      'processors[0]: its function throws: a bug'
    ],
    [{ processors: [stdout()] }, 'processors[0]: stdout() is no processor']
  ])('%#: %o', (file, problem) => expect(problemsOf(file)).toEqual(problem.split('|')))

  test('everything at once, in the file and in the environment', () => {
    const file = { sinks: [stdout({ name: '' }), elasticsearch({ maxInFlight: 0 })], processors: [5], journals: 1 }
    const problems = problemsOf(file, { PORT: 'x', CULVERT_NO: '1', ELASTICSEARCH_URL: 'http://es' })
    expect(problems.map(problem => problem.split(':')[0])).toEqual([
      'PORT',
      'journals',
      'CULVERT_NO',
      'processors[0]',
      'sinks[0].name',
      'sinks[1].maxInFlight'
    ])
  })

  test('no value is printed: it may be a secret', () => {
    const wrong = { token: 5, url: 'influx:geheim', org: { geheim: 1 }, bucket: ['geheim'], name: 'geheim-1' }
    const problems = problemsOf({ sinks: [{ kind: 'influxdb', options: wrong }] })
    expect(problems).toHaveLength(5)
    expect(problems.join()).not.toContain('geheim')
  })
})

describe('redact()', () => {
  test('runs where it stands', () => {
    const { processors } = parse({ processors: [jsonLog(), redact({ fields: ['pin'], pattern: /C-\d{6}/g })] })
    expect(processors.map(({ name }) => name)).toEqual(['json-log', 'redact', 'drain-urls'])
    expect(processors[1]!.create().name).toBe('redact')
  })

  test.each([
    [{ patterns: /x/ }, 'processors[0].patterns: there is no such option; did you mean pattern?'],
    [{ detect: ['passport'] }, /^processors\[0\]\.detect\[0\]: may be url or /],
    [{ pattern: /x*/ }, /^processors\[0\].*must not match the empty text/],
    [{ fields: 'pin' }, 'processors[0].fields: must be an array']
  ])('with %o is refused with a path', (options, sentence) => {
    expect(problemsOf({ processors: [redact(options as object)] })).toEqual([
      typeof sentence === 'string' ? sentence : expect.stringMatching(sentence)
    ])
  })
})
