import { loginApart } from '../config/login.ts'
import { createPemReader, type ReadFile } from '../config/pem.ts'
import type { SinkEnvironment } from '../config/sinks.ts'
import type { Placed } from './config-file.ts'
import { readOptions } from './read-options.ts'
import { readProcessors } from './read-processors.ts'
import { type SinkConfig, type SinkKind, sinkSchemas } from './sinks.ts'

/** What can be given in the environment instead of an option. */
const variables = {
  node: 'ELASTICSEARCH_URL',
  url: 'INFLUXDB_URL',
  token: 'INFLUXDB_TOKEN',
  org: 'INFLUXDB_ORG',
  bucket: 'INFLUXDB_BUCKET'
}

/** The options that belong to one server: where the file names another server, the environment's are none of its. */
const ofServer: Readonly<Record<string, readonly string[]>> = {
  elasticsearch: ['node', 'auth', 'caCertificate'],
  influxdb: ['url', 'token', 'org', 'bucket']
}

/** The sinks of a file, or those that the environment turns on. What is wrong goes to `problems`. */
export function sinkConfigs(
  placed: readonly Placed<SinkKind>[] | undefined,
  environment: SinkEnvironment,
  dataDir: string,
  read: ReadFile,
  problems: string[]
): readonly SinkConfig[] {
  const list: readonly Placed<SinkKind>[] = placed ?? environment.on.map(kind => ({ path: kind, kind, options: {} }))
  const sinks = list.flatMap(one => sinkConfig(one, environment, dataDir, read, problems) ?? [])
  if (placed?.length === 0 && problems.length === 0)
    problems.push('sinks: is empty; name one at least, or leave it out')
  const names = list.map(({ kind, options }) => String(options['name'] ?? kind))
  for (const [index, { path, kind }] of list.entries()) {
    const earlier = list[names.indexOf(names[index]!)]!
    if (kind === 'local' && list.findIndex(other => other.kind === 'local') < index)
      problems.push(`${path}: there is a localStore() already`)
    else if (earlier.path !== path)
      problems.push(`${path}.name: ${names[index]} is the name of ${earlier.path} too; give each its own`)
  }
  return sinks
}

function sinkConfig(
  { path, kind, options: given }: Placed<SinkKind>,
  environment: SinkEnvironment,
  dataDir: string,
  read: ReadFile,
  problems: string[]
): SinkConfig | undefined {
  const { processors: list, ...rest } = given
  const own = { path, options: withPem(rest, path, read, problems) }
  const fill = fillOf(kind, rest, environment.options[kind])
  const processors = readProcessors(`${path}.processors`, list, problems)
  const lane = (name: string = kind, whenFull = environment.whenFull) => ({ name, whenFull, processors })
  switch (kind) {
    case 'elasticsearch': {
      const parsed = readOptions(sinkSchemas.elasticsearch, own, fill, variables, problems)
      if (parsed === undefined) return undefined
      const { name, whenFull, ...options } = parsed
      return { kind, ...lane(name, whenFull), options: withAuth(options) }
    }
    case 'influxdb': {
      const parsed = readOptions(sinkSchemas.influxdb, own, fill, variables, problems)
      if (parsed === undefined) return undefined
      const { name, whenFull, ...options } = parsed
      if (serverOf(rest['url'])?.login !== undefined)
        problems.push(`${path}.url: has a login, and InfluxDB takes a token only; leave it out and give token`)
      return { kind, ...lane(name, whenFull), options }
    }
    case 'local': {
      const parsed = readOptions(sinkSchemas.local, own, fill, variables, problems)
      if (parsed === undefined) return undefined
      const { name, whenFull, ...options } = parsed
      return { kind, ...lane(name, whenFull), options: { ...options, dir: dataDir } }
    }
    case 'stdout': {
      const parsed = readOptions(sinkSchemas.stdout, own, fill, variables, problems)
      if (parsed === undefined) return undefined
      const { name, whenFull, ...options } = parsed
      return { kind, ...lane(name, whenFull), options }
    }
  }
}

type Options = Readonly<Record<string, unknown>>

/** PEM in place of the path of a file that holds it. */
function withPem(options: Options, path: string, read: ReadFile, problems: string[]): Options {
  const { caCertificate } = options
  if (typeof caCertificate !== 'string') return options
  const key = `${path}.caCertificate`
  const pem = createPemReader({ [key]: caCertificate }, read, problems).certificate(key)
  return { ...options, caCertificate: pem }
}

function fillOf(kind: SinkKind, given: Options, environment: Options): Options {
  const [address = '', ...others] = ofServer[kind] ?? []
  const server = serverOf(given[address])
  const known = serverOf(environment[address])
  const isOther = server !== undefined && known !== undefined && server.url !== known.url
  const left = isOther ? [address, ...others] : server?.login === undefined ? [] : ['auth']
  return Object.fromEntries(Object.entries(environment).filter(([key]) => !left.includes(key)))
}

const serverOf = (url: unknown) => (typeof url === 'string' && URL.canParse(url) ? loginApart(url) : undefined)

/** The login in the URL, which is shown to people, becomes `auth`, where there is none. */
function withAuth<Options extends { readonly node: string; readonly auth?: unknown }>(options: Options): Options {
  const { url, login } = loginApart(options.node)
  return { ...options, node: url, ...(options.auth === undefined && login !== undefined ? { auth: login } : {}) }
}
