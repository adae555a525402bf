import { isIP } from 'node:net'
import { allSettings, reserved } from './settings.ts'
import { suggestion } from './suggestion.ts'

type Given = Readonly<Record<string, string>>

const known = allSettings.map(setting => setting.key)
/** Of the test suite, which may start Culvert with its own environment. */
const testPrefix = 'CULVERT_TEST_'

/**
 * What no single setting can know: names that do not exist, and settings that contradict or need each other. A configuration file that
 * names the sinks may say the rest of them itself.
 */
export function brokenRules(given: Given, sinksInFile: boolean): string[] {
  return [
    ...unknownNames(given),
    ...Object.entries(reserved).flatMap(([key, why]) => (key in given ? [`${key}: ${why}`] : [])),
    ...needs(given, 'CULVERT_DRAIN_USER', 'CULVERT_DRAIN_PASSWORD'),
    ...needs(given, 'CULVERT_DRAIN_PASSWORD', 'CULVERT_DRAIN_USER'),
    ...needs(given, 'CULVERT_TLS_CERT', 'CULVERT_TLS_KEY'),
    ...['CULVERT_TLS_KEY', 'CULVERT_TLS_CLIENT_CA', 'CULVERT_SYSLOG_TLS_PORT', 'CULVERT_HTTPS_PORT'].flatMap(key =>
      needs(given, key, 'CULVERT_TLS_CERT')
    ),
    ...needs(given, 'CULVERT_JOURNAL_RETAIN_BYTES', 'CULVERT_JOURNAL_RETAIN'),
    ...(sinksInFile ? [] : incompleteSinks(given)),
    ...twoLogins(given),
    ...uselessLogin(given)
  ]
}

const incompleteSinks = (given: Given): string[] => [
  ...needs(given, 'ELASTICSEARCH_API_KEY', 'ELASTICSEARCH_URL'),
  ...needs(given, 'ELASTICSEARCH_CA', 'ELASTICSEARCH_URL'),
  ...needs(given, 'INFLUXDB_URL', 'INFLUXDB_TOKEN', 'INFLUXDB_ORG', 'INFLUXDB_BUCKET'),
  ...needs(given, 'INFLUXDB_TOKEN', 'INFLUXDB_URL'),
  ...noSink(given)
]

function unknownNames(given: Given): string[] {
  return Object.keys(given)
    .filter(key => key.startsWith('CULVERT_') && !key.startsWith(testPrefix))
    .filter(key => !known.includes(key) && !(key in reserved))
    .map(key => {
      const meant = suggestion(key, known)
      return `${key}: there is no such setting${meant === undefined ? '' : `; did you mean ${meant}?`}`
    })
}

function needs(given: Given, key: string, ...others: readonly string[]): string[] {
  const missing = others.filter(other => !(other in given))
  return key in given && missing.length > 0 ? [`${missing.join(', ')}: missing, and ${key} needs it`] : []
}

function twoLogins({ ELASTICSEARCH_URL: url, ELASTICSEARCH_API_KEY: apiKey }: Given): string[] {
  const inUrl = url !== undefined && URL.canParse(url) && new URL(url).username !== ''
  return inUrl && apiKey !== undefined
    ? ['ELASTICSEARCH_API_KEY: contradicts the user in ELASTICSEARCH_URL; give one of the two']
    : []
}

/** A sink that may skip, where POSTs are answered when they are delivered. */
export function deliveredOrSkipped(given: Given, acknowledge: string, skipping: readonly string[]): string[] {
  const key = given['CULVERT_WHEN_FULL'] === undefined ? `whenFull of ${skipping.join(', ')}` : 'CULVERT_WHEN_FULL'
  return acknowledge === 'delivered' && skipping.length > 0
    ? [`${key}: skip gives up lines that CULVERT_DRAIN_ACKNOWLEDGE=delivered promises to deliver; take wait`]
    : []
}

const uselessLogin = ({ INFLUXDB_URL: url }: Given): string[] =>
  url !== undefined && URL.canParse(url) && new URL(url).username !== ''
    ? ['INFLUXDB_URL: has a login, and InfluxDB takes a token only; leave it out and set INFLUXDB_TOKEN']
    : []

const noSink = (given: Given): string[] =>
  given.CULVERT_LOCAL_STORE === 'off' && given.ELASTICSEARCH_URL === undefined && given.INFLUXDB_URL === undefined
    ? ['CULVERT_LOCAL_STORE: off leaves no sink; set ELASTICSEARCH_URL or INFLUXDB_URL, or remove it']
    : []

/** `key` is where the port was said. */
export function samePort(
  ports: readonly { readonly key: string; readonly host: string; readonly port: number }[]
): string[] {
  return ports.flatMap(({ key, host, port }, index) => {
    const earlier = ports.slice(0, index).find(other => other.port === port && other.host === host && port !== 0)
    return earlier === undefined ? [] : [`${key}: ${port} is the port of ${earlier.key} too; give each its own`]
  })
}

/** Off loopback without a login; the configuration file may have given that of the drain, or no drain. */
export function openToAll(given: Given, host: string, isDrainClosed: boolean): string[] {
  if (isLoopback(host) || /^(1|true)$/i.test(given.CULVERT_INSECURE ?? '')) return []
  return [
    { missing: 'CULVERT_TOKEN', open: 'API and console' },
    { missing: 'CULVERT_DRAIN_USER and CULVERT_DRAIN_PASSWORD', open: 'the HTTPS drain' }
  ]
    .filter(({ missing }) => !missing.split(' and ').some(key => key in given))
    .filter(({ open }) => !(isDrainClosed && open === 'the HTTPS drain'))
    .map(
      ({ missing, open }) =>
        `${missing}: missing, and anybody who reaches ${host} could use ${open}; set ${missing.includes(' and ') ? 'both' : 'it'}, or CULVERT_INSECURE=1 to allow that`
    )
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
