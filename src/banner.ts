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
  readonly notKept?: string
}

/** Where to send, where to look, what is on, where data lies. Holds no secrets: drain URLs name USER and PASSWORD. */
export function startup(config: Config, addresses: Addresses): Startup {
  const missing = notKept(config.sinks)
  return {
    drains: drainUrls(config, addresses),
    console: consoleUrl(config, addresses),
    sinks: config.sinks.map(whereOf),
    dataDir: config.dataDir,
    ...(missing === undefined ? {} : { notKept: missing })
  }
}

/** The same in a few readable lines for a terminal. */
export function banner(config: Config, addresses: Addresses, version: string): readonly string[] {
  const { drains, console, sinks, dataDir, notKept: missing } = startup(config, addresses)
  const [first, ...others] = drains.map(url => `cf cups culvert-drain -l '${url}'`)
  return [
    `Culvert ${version} is running.`,
    '',
    ...labelled('Send logs', [first ?? '', ...others.map(line => `or  ${line}`), 'cf bind-service APP culvert-drain']),
    ...labelled('Look', [`${console}  (API: ${console}/docs)`]),
    ...labelled('Stores', sinks),
    ...labelled('Data', [dataDir]),
    ...(missing === undefined ? [] : labelled('Note', [missing])),
    ''
  ]
}

const labelled = (label: string, lines: readonly string[]): string[] =>
  lines.map((line, index) => `  ${(index === 0 ? label : '').padEnd(10)} ${line}`)

function drainUrls(config: Config, addresses: Addresses): readonly string[] {
  const login = config.drain.user === undefined ? '' : 'USER:PASSWORD@'
  // On Cloud Foundry only HTTP reaches us, through the platform's router, which ends TLS.
  if (config.onCloudFoundry) {
    const routes = config.routes.length > 0 ? config.routes : ['ROUTE']
    return routes.map(route => `https://${login}${route}/drain?drain-data=all`)
  }
  const { syslog, syslogTls, https } = addresses
  return [
    ...(syslog === undefined ? [] : [`syslog://${hostAndPort(syslog)}?drain-data=all`]),
    ...(syslogTls === undefined ? [] : [`syslog-tls://${hostAndPort(syslogTls)}?drain-data=all`]),
    ...(https === undefined ? [] : [`https://${login}${hostAndPort(https)}/drain?drain-data=all`])
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
  }
}

/** What comes in and that no sink takes: a person may not expect that. */
function notKept(sinks: readonly SinkConfig[]): string | undefined {
  const kinds = sinks.map(sink => sink.kind)
  if (kinds.includes('local')) return undefined
  if (!kinds.includes('influxdb')) return 'metrics are not kept: set INFLUXDB_URL, or CULVERT_LOCAL_STORE=on'
  return kinds.includes('elasticsearch')
    ? undefined
    : 'logs are not kept: set ELASTICSEARCH_URL, or CULVERT_LOCAL_STORE=on'
}
