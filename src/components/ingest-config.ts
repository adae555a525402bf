import type { SyslogOptions } from '../../ingest/syslog-options.ts'
import { createPemReader, type ReadFile } from '../config/pem.ts'
import { readTls, type Tls } from '../config/tls.ts'
import { isObject, type Placed } from './config-file.ts'
import { type IngestKind, ingestSchemas } from './ingest.ts'
import { readOptions } from './read-options.ts'

/** What the environment says of listeners. */
export interface IngestEnvironment {
  readonly host: string
  readonly port: number
  readonly tlsPort: number
  readonly httpsPort: number
  readonly tls: Tls | undefined
  readonly user: string | undefined
  readonly password: string | undefined
  readonly acknowledge: 'stored' | 'delivered'
  readonly bodyLimit: number
  readonly maxFrameBytes: number
  readonly idleTimeoutMs: number
}

export interface IngestConfig {
  readonly syslog: readonly Omit<SyslogOptions, 'drainMs'>[]
  readonly https?: { readonly port: number; readonly tls: Tls }
  /** Credentials of POSTs to the drain, both or none, and when they are answered; absent where none are taken. */
  readonly drain?: { readonly user?: string; readonly password?: string; readonly acknowledge: 'stored' | 'delivered' }
  readonly bodyLimit: number
  /** Where the ports were said, for errors. */
  readonly ports: readonly { readonly key: string; readonly host: string; readonly port: number }[]
}

/** The listeners of a file, or those that the environment turns on. What is wrong goes to `problems`. */
export function ingestConfig(
  placed: readonly Placed<IngestKind>[] | undefined,
  environment: IngestEnvironment,
  read: ReadFile,
  problems: string[]
): IngestConfig {
  const list = placed ?? defaults(environment.tls !== undefined)
  const { host, maxFrameBytes, idleTimeoutMs } = environment
  const syslog: Omit<SyslogOptions, 'drainMs'>[] = []
  const ports: { key: string; host: string; port: number }[] = []
  let web: Pick<IngestConfig, 'https' | 'drain'> = {}
  let { bodyLimit } = environment

  function addSyslog(one: Placed<IngestKind>): void {
    const { tls: given, ...options } = one.options
    const secure = given !== undefined
    const fill = { host, maxFrameBytes, idleTimeoutMs, port: secure ? environment.tlsPort : environment.port }
    const parsed = readOptions(
      ingestSchemas.syslog,
      { ...one, options: { ...options, tls: given } },
      fill,
      {},
      problems
    )
    if (syslog.some(other => (other.tls !== undefined) === secure))
      problems.push(`${one.path}: there is a syslog() with${secure ? '' : 'out'} tls already`)
    if (parsed === undefined) return
    const tls = secure ? tlsOf(`${one.path}.tls`, given, true) : undefined
    const variable = secure ? 'CULVERT_SYSLOG_TLS_PORT' : 'CULVERT_SYSLOG_PORT'
    const { tls: _, port = 0, ...others } = parsed
    ports.push({ key: placed === undefined ? variable : `${one.path}.port`, host: parsed.host, port })
    if (secure === (tls !== undefined)) syslog.push({ ...others, port, ...(tls === undefined ? {} : { tls }) })
  }

  function addDrain(one: Placed<IngestKind>): void {
    if (web.drain !== undefined) problems.push(`${one.path}: there is an httpsDrain() already`)
    const own = one.options['user'] !== undefined || one.options['password'] !== undefined
    const fill = { port: environment.httpsPort }
    const parsed = readOptions(ingestSchemas.httpsDrain, one, fill, {}, problems)
    if (parsed === undefined) return
    bodyLimit = parsed.maxBodyBytes ?? bodyLimit
    const { acknowledge = environment.acknowledge } = parsed
    const { user, password } = own ? parsed : environment
    if (own && user === undefined) problems.push(`${one.path}.user: is missing, and password needs it`)
    if (own && password === undefined) problems.push(`${one.path}.password: is missing, and user needs it`)
    const tls = tlsOf(`${one.path}.tls`, one.options['tls'] ?? {}, one.options['tls'] !== undefined)
    const port = parsed.port ?? environment.httpsPort
    if (tls !== undefined)
      ports.push({ key: placed === undefined ? 'CULVERT_HTTPS_PORT' : `${one.path}.port`, host, port })
    web = {
      drain: { acknowledge, ...(user === undefined || password === undefined ? {} : { user, password }) },
      ...(tls === undefined ? {} : { https: { port, tls } })
    }
  }

  /** What the file says, else the environment's certificate; a client CA may be added to that. */
  function tlsOf(path: string, given: unknown, wanted: boolean): Tls | undefined {
    const said = Object.entries(isObject(given) ? given : {}).filter(([, value]) => typeof value === 'string')
    const settings = Object.fromEntries(said.map(([key, value]) => [`${path}.${key}`, String(value)]))
    const keys = { cert: `${path}.cert`, key: `${path}.key`, clientCa: `${path}.clientCa` }
    const pems = createPemReader(settings, read, problems)
    if (keys.cert in settings !== keys.key in settings) {
      problems.push(`${path}: needs cert and key, both or none`)
      return undefined
    }
    if (keys.cert in settings) return readTls(pems, keys, problems)
    if (environment.tls === undefined) {
      if (wanted)
        problems.push(`${path}: has no certificate; give cert and key, or set CULVERT_TLS_CERT and CULVERT_TLS_KEY`)
      return undefined
    }
    const clientCa = pems.certificate(keys.clientCa)
    return clientCa === undefined ? environment.tls : { ...environment.tls, clientCa }
  }

  for (const one of list) {
    if (one.kind === 'syslog') addSyslog(one)
    else addDrain(one)
  }
  return { syslog, ...web, bodyLimit, ports }
}

const defaults = (secure: boolean): readonly Placed<IngestKind>[] => [
  { path: 'syslog', kind: 'syslog', options: {} },
  ...(secure ? [{ path: 'syslog', kind: 'syslog', options: { tls: {} } } as const] : []),
  { path: 'httpsDrain', kind: 'httpsDrain', options: {} }
]
