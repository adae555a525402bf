import type { Config, SinkConfig } from './config.ts'

/** What the listeners are really bound to. */
export interface Addresses {
  readonly http: Address
  readonly https?: Address
  readonly syslog?: Address
  readonly syslogTls?: Address
}

export interface Address {
  readonly address: string
  readonly port: number
}

/** The start-up as fields of one log line, where stdout is no terminal. */
export interface Startup {
  readonly drains: readonly string[]
  readonly console: string
  readonly sinks: readonly string[]
  readonly dataDir: string
  /** Sentences: what a person may not expect. */
  readonly notes: readonly string[]
}

/** Where to send, where to look, what is on, where data lies. Holds no secrets: drain URLs name USER and PASSWORD. */
export function startup(config: Config, addresses: Addresses): Startup {
  return {
    drains: drainUrls(config, addresses),
    console: consoleUrl(config, addresses),
    sinks: config.sinks.map(whereOf),
    dataDir: config.dataDir,
    notes: [...notKept(config.sinks), ...journalEnds(config)]
  }
}

/** The same in a few readable lines for a terminal. */
export function banner(config: Config, addresses: Addresses, version: string): readonly string[] {
  const { drains, console, sinks, dataDir, notes } = startup(config, addresses)
  const [first, ...others] = drains.map(url => `cf cups culvert-drain -l '${url}'`)
  return [
    `Culvert ${version} is running.`,
    '',
    ...labelled('Send logs', [first ?? '', ...others.map(line => `or  ${line}`), 'cf bind-service APP culvert-drain']),
    ...labelled('Look', [`${console}  (API: ${console}/docs)`]),
    ...labelled('Stores', sinks),
    ...labelled('Data', [dataDir]),
    ...labelled('Note', notes),
    ''
  ]
}

const labelled = (label: string, lines: readonly string[]): string[] =>
  lines.map((line, index) => `  ${(index === 0 ? label : '').padEnd(10)} ${line}`)

function drainUrls(config: Config, addresses: Addresses): readonly string[] {
  const login = config.drain?.user === undefined ? '' : 'USER:PASSWORD@'
  // On Cloud Foundry only HTTP reaches us, through the platform's router, which ends TLS.
  if (config.onCloudFoundry) {
    const routes = config.routes.length > 0 ? config.routes : ['ROUTE']
    return config.drain === undefined ? [] : routes.map(route => `https://${login}${route}/drain?drain-data=all`)
  }
  const { syslog, syslogTls, https } = addresses
  return [
    ...(syslog === undefined ? [] : [`syslog://${hostAndPort(syslog)}?drain-data=all`]),
    ...(syslogTls === undefined ? [] : [`syslog-tls://${hostAndPort(syslogTls)}?drain-data=all`]),
    ...(https === undefined || config.drain === undefined
      ? []
      : [`https://${login}${hostAndPort(https)}/drain?drain-data=all`])
  ]
}

function consoleUrl(config: Config, { http, https }: Addresses): string {
  const [route] = config.routes
  if (route !== undefined) return `https://${route}`
  const [scheme, { address, port }] = https === undefined ? ['http', http] : ['https', https]
  return `${scheme}://${isAny(address) ? `localhost:${port}` : hostAndPort({ address, port })}`
}

/** It stands for all addresses of the machine. */
const isAny = (address: string): boolean => address === '0.0.0.0' || address === '::'

/** An address that stands for all of ours says nothing to a sender: whoever knows the network has to name it. */
function hostAndPort({ address, port }: Address): string {
  if (isAny(address)) return `HOST:${port}`
  if (address === '127.0.0.1' || address === '::1') return `localhost:${port}`
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function whereOf(sink: SinkConfig): string {
  switch (sink.kind) {
    case 'elasticsearch':
      return `Elasticsearch: logs, ${sink.options.node}`
    case 'influxdb':
      return `InfluxDB: metrics, ${sink.options.url} bucket ${sink.options.bucket}`
    case 'local':
      return 'local store: logs and metrics, in the data directory'
    case 'stdout':
      return 'standard output: logs and metrics'
  }
}

/** What comes in and that no sink takes. */
function notKept(sinks: readonly SinkConfig[]): string[] {
  const kinds = sinks.map(sink => sink.kind)
  if (kinds.includes('local') || kinds.includes('stdout')) return []
  if (!kinds.includes('influxdb')) return ['Metrics are not kept: set INFLUXDB_URL, or CULVERT_LOCAL_STORE=on.']
  return kinds.includes('elasticsearch') ? [] : ['Logs are not kept: set ELASTICSEARCH_URL, or CULVERT_LOCAL_STORE=on.']
}

/** On Cloud Foundry. */
function journalEnds({ ephemeral, drain }: Config): string[] {
  if (!ephemeral) return []
  const life = 'The journal lives as long as this container'
  return [
    drain?.acknowledge === 'delivered'
      ? `${life}; POSTs are answered when every lane has delivered them.`
      : `${life}: with CULVERT_DRAIN_ACKNOWLEDGE=delivered a POST is answered only when every lane has delivered it.`
  ]
}
