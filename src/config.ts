import { relative, resolve } from 'node:path'
import { z } from 'zod'
import { createPemReader, type ReadFile, readTextFile } from './config/pem.ts'
import { brokenRules } from './config/rules.ts'
import { groups, type Settings } from './config/settings.ts'
import { type SinkConfig, sinksOf } from './config/sinks.ts'
import { readTls, type Tls } from './config/tls.ts'
import { CulvertError } from './core/errors.ts'

export type { SinkConfig } from './config/sinks.ts'
export type { Tls } from './config/tls.ts'

/** All that Culvert was told, in plain values that survive structuredClone. Sizes in bytes, times in ms. */
export interface Config {
  /** What every listener binds to. */
  readonly host: string
  readonly http: { readonly port: number; readonly bodyLimit: number; readonly token?: string }
  readonly https?: { readonly port: number; readonly tls: Tls }
  /** Credentials of POSTs to the drain, both or none; and when they are answered. */
  readonly drain: {
    readonly user?: string
    readonly password?: string
    readonly acknowledge: Settings['drain']['CULVERT_DRAIN_ACKNOWLEDGE']
  }
  readonly syslog: { readonly port: number; readonly maxFrameBytes: number; readonly idleTimeoutMs: number }
  readonly syslogTls?: { readonly port: number; readonly tls: Tls }
  readonly journal: {
    /** The data directory; the journal makes folders of its own in it. */
    readonly dir: string
    readonly maxBytes: number
    readonly partitions: number
    /** How long, and how much of, what every lane has committed stays. */
    readonly retainMs: number
    readonly retainBytes?: number
    readonly sync: 'always' | 'never'
  }
  /** At least one; names are distinct. */
  readonly sinks: readonly SinkConfig[]
  readonly dataDir: string
  readonly logLevel: Settings['log']['LOG_LEVEL']
  readonly onCloudFoundry: boolean
  /** The data directory is gone with the container: on Cloud Foundry, unless it lies in a volume service. */
  readonly ephemeral: boolean
  /** Host names of our routes on Cloud Foundry. */
  readonly routes: readonly string[]
}

/**
 * The configuration in an environment; empty variables count as absent. Reads nothing but files with certificates and keys.
 * Throws CONFIG_INVALID with all that is wrong, one line each: the name of the variable and what it may be.
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>, read: ReadFile = readTextFile): Config {
  const given = withoutEmpty(env)
  const onCloudFoundry = given.VCAP_APPLICATION !== undefined
  const host = given.CULVERT_HOST ?? (onCloudFoundry ? '0.0.0.0' : '127.0.0.1')

  const { data: settings, error } = schema.safeParse({
    http: given,
    drain: given,
    syslog: given,
    tls: given,
    journal: given,
    elasticsearch: given,
    influxdb: given,
    local: given,
    log: given
  })
  const problems = (error?.issues ?? []).map(issue => `${String(issue.path.at(-1))}: ${issue.message}`)
  problems.push(...brokenRules(given, host))
  const pems = createPemReader(given, read, problems)
  const tls = readTls(pems, problems)
  const caCertificate = pems.certificate('ELASTICSEARCH_CA')
  if (settings === undefined || problems.length > 0) {
    throw new CulvertError('CONFIG_INVALID', `The configuration is not valid:\n  ${problems.join('\n  ')}`)
  }

  const { http, syslog, journal, drain } = settings
  const dataDir = journal.CULVERT_DATA_DIR
  return {
    host,
    http: {
      port: http.PORT,
      bodyLimit: http.CULVERT_MAX_BODY_BYTES,
      ...(http.CULVERT_TOKEN === undefined ? {} : { token: http.CULVERT_TOKEN })
    },
    ...(tls === undefined ? {} : { https: { port: settings.tls.CULVERT_HTTPS_PORT, tls } }),
    drain: {
      acknowledge: drain.CULVERT_DRAIN_ACKNOWLEDGE,
      ...(drain.CULVERT_DRAIN_USER === undefined || drain.CULVERT_DRAIN_PASSWORD === undefined
        ? {}
        : { user: drain.CULVERT_DRAIN_USER, password: drain.CULVERT_DRAIN_PASSWORD })
    },
    syslog: {
      port: syslog.CULVERT_SYSLOG_PORT,
      maxFrameBytes: syslog.CULVERT_MAX_FRAME_BYTES,
      idleTimeoutMs: syslog.CULVERT_IDLE_TIMEOUT
    },
    ...(tls === undefined ? {} : { syslogTls: { port: settings.tls.CULVERT_SYSLOG_TLS_PORT, tls } }),
    journal: {
      dir: dataDir,
      maxBytes: journal.CULVERT_JOURNAL_MAX_BYTES,
      partitions: journal.CULVERT_PARTITIONS,
      retainMs: journal.CULVERT_JOURNAL_RETAIN,
      ...(journal.CULVERT_JOURNAL_RETAIN_BYTES === undefined
        ? {}
        : { retainBytes: journal.CULVERT_JOURNAL_RETAIN_BYTES }),
      sync: journal.CULVERT_JOURNAL_SYNC
    },
    sinks: sinksOf(settings, caCertificate),
    dataDir,
    logLevel: settings.log.LOG_LEVEL,
    onCloudFoundry,
    ephemeral: onCloudFoundry && !isInVolume(dataDir, given.VCAP_SERVICES),
    routes: routesOf(given.VCAP_APPLICATION)
  }
}

const schema = z.object(groups)

const withoutEmpty = (env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(env).flatMap(([key, value]) => (value?.trim() ? [[key, value]] : [])))

const mount = z.object({ container_dir: z.string() })
const services = z.record(
  z.string(),
  z.array(z.object({ volume_mounts: z.array(mount).catch([]) }).catch({ volume_mounts: [] }))
)

/** Volume services say where they are mounted (docs-dev-guide, using-vol-services). */
function isInVolume(dir: string, vcapServices: string | undefined): boolean {
  const { data = {} } = services.safeParse(parsedJson(vcapServices))
  const mounts = Object.values(data).flatMap(bindings => bindings.flatMap(({ volume_mounts }) => volume_mounts))
  return mounts.some(({ container_dir }) => !relative(container_dir, resolve(dir)).startsWith('..'))
}

const application = z.object({ application_uris: z.array(z.string()).catch([]) }).catch({ application_uris: [] })

/** The platform's own variable (docs-dev-guide, environment-variable): nothing to refuse here. */
function routesOf(vcapApplication: string | undefined): readonly string[] {
  return application.parse(parsedJson(vcapApplication)).application_uris
}

function parsedJson(text = '{}'): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
