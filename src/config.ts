import { relative, resolve } from 'node:path'
import { z } from 'zod'
import { noParts, partsOf } from './components/config-file.ts'
import { type IngestConfig, ingestConfig } from './components/ingest-config.ts'
import { journalSchemas } from './components/journal.ts'
import { alwaysProcessors, defaultProcessors, type ProcessorSetting } from './components/processors.ts'
import { readOptions } from './components/read-options.ts'
import { readProcessors } from './components/read-processors.ts'
import { sinkConfigs } from './components/sink-configs.ts'
import type { SinkConfig } from './components/sinks.ts'
import { configFileOf, type LoadedFile, loadConfigFile } from './config/file.ts'
import { createPemReader, type ReadFile, readTextFile } from './config/pem.ts'
import { brokenRules, deliveredOrSkipped, openToAll, samePort } from './config/rules.ts'
import { groups, type Settings } from './config/settings.ts'
import { sinkEnvironment } from './config/sinks.ts'
import { readTls, type Tls, tlsVariables } from './config/tls.ts'
import { CulvertError } from './core/errors.ts'
import type { ParsedJournalOptions } from './journal/disk-options.ts'

export type { SinkConfig } from './components/sinks.ts'
export type { Tls } from './config/tls.ts'

/** All that Culvert was told: environment and configuration file in one. Sizes in bytes, times in ms. */
export interface Config {
  /** The configuration file. */
  readonly file?: string
  /** What HTTP binds to, and listeners that are told nothing else. */
  readonly host: string
  readonly http: { readonly port: number; readonly bodyLimit: number; readonly token?: string }
  readonly https?: { readonly port: number; readonly tls: Tls }
  /** Absent where no POSTs are taken. */
  readonly drain?: NonNullable<IngestConfig['drain']>
  /** One without TLS and one with, at most. */
  readonly syslog: IngestConfig['syslog']
  /** Of POSTs and standard input. */
  readonly maxFrameBytes: number
  readonly journal: ParsedJournalOptions
  /** Those that all sinks share. */
  readonly processors: readonly ProcessorSetting[]
  /** At least one; names are distinct. */
  readonly sinks: readonly SinkConfig[]
  /** A third each for parts of frames, bodies of POSTs, decoded records. */
  readonly memoryBytes: number
  readonly dataDir: string
  readonly logLevel: Settings['log']['LOG_LEVEL']
  readonly onCloudFoundry: boolean
  /** The data directory is gone with the container: on Cloud Foundry, unless it lies in a volume service. */
  readonly ephemeral: boolean
  /** Host names of our routes on Cloud Foundry. */
  readonly routes: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** The configuration in an environment, and in the file that it names or that is there. Throws like `parseConfig`. */
export async function loadConfig(env: Environment): Promise<Config> {
  const path = configFileOf(env)
  return parseConfig(env, path === undefined ? undefined : await loadConfigFile(path))
}

/**
 * The configuration in an environment, where empty variables count as absent, and in a file that was loaded. What the file says wins.
 * Reads nothing but files with certificates and keys. Throws CONFIG_INVALID with all that is wrong, one line each: the name of the
 * variable or the path of the option and what it may be.
 */
export function parseConfig(env: Environment, file?: LoadedFile, read: ReadFile = readTextFile): Config {
  const given = withoutEmpty(env)
  const problems: string[] = []
  const settings = settingsOf(given, problems)
  const parts = file === undefined ? noParts : partsOf(file.value, problems)
  const onCloudFoundry = given['VCAP_APPLICATION'] !== undefined
  const host = given['CULVERT_HOST'] ?? (onCloudFoundry ? '0.0.0.0' : '127.0.0.1')
  problems.push(...brokenRules(given, parts.sinks !== undefined))

  const pems = createPemReader(given, read, problems)
  const { http, syslog, tls, drain } = settings
  const listeners = ingestConfig(
    parts.ingest,
    {
      host,
      port: syslog.CULVERT_SYSLOG_PORT,
      tlsPort: tls.CULVERT_SYSLOG_TLS_PORT,
      httpsPort: tls.CULVERT_HTTPS_PORT,
      tls: readTls(pems, tlsVariables, problems),
      user: drain.CULVERT_DRAIN_USER,
      password: drain.CULVERT_DRAIN_PASSWORD,
      acknowledge: drain.CULVERT_DRAIN_ACKNOWLEDGE,
      bodyLimit: http.CULVERT_MAX_BODY_BYTES,
      maxFrameBytes: syslog.CULVERT_MAX_FRAME_BYTES,
      idleTimeoutMs: syslog.CULVERT_IDLE_TIMEOUT
    },
    read,
    problems
  )
  problems.push(...samePort([{ key: 'PORT', host, port: http.PORT }, ...listeners.ports]))
  problems.push(...openToAll(given, host, listeners.drain === undefined || listeners.drain.user !== undefined))

  const journal = journalOf(parts.journal, settings, problems)
  const processors = readProcessors('processors', parts.processors ?? defaultProcessors, problems)
  const dataDir = journal?.dir ?? settings.journal.CULVERT_DATA_DIR
  const environment = sinkEnvironment(settings, pems.certificate('ELASTICSEARCH_CA'))
  const sinks = sinkConfigs(parts.sinks, environment, dataDir, read, problems)
  const skipping = sinks.filter(({ whenFull }) => whenFull === 'skip').map(({ name }) => name)
  problems.push(...deliveredOrSkipped(given, listeners.drain?.acknowledge ?? 'stored', skipping))
  if (journal === undefined || problems.length > 0) {
    const of = file === undefined ? '' : ` (with ${file.path})`
    throw new CulvertError('CONFIG_INVALID', `The configuration is not valid${of}:\n  ${problems.join('\n  ')}`)
  }

  const { bodyLimit, ports: _, ...ingest } = listeners
  return {
    ...(file === undefined ? {} : { file: file.path }),
    host,
    http: {
      port: http.PORT,
      bodyLimit,
      ...(http.CULVERT_TOKEN === undefined ? {} : { token: http.CULVERT_TOKEN })
    },
    ...ingest,
    maxFrameBytes: syslog.CULVERT_MAX_FRAME_BYTES,
    journal,
    processors: [...processors, ...alwaysProcessors],
    sinks,
    memoryBytes: http.CULVERT_MEMORY_BUDGET,
    dataDir,
    logLevel: settings.log.LOG_LEVEL,
    onCloudFoundry,
    ephemeral: onCloudFoundry && !isInVolume(dataDir, given['VCAP_SERVICES']),
    routes: routesOf(given['VCAP_APPLICATION'])
  }
}

const schema = z.object(groups)

/** The settings; those that are wrong go to `problems`, and count as absent. */
function settingsOf(given: Readonly<Record<string, string>>, problems: string[]): Settings {
  const { data, error } = schema.safeParse(byGroup(given))
  if (data !== undefined) return data
  const wrong = error.issues.map(issue => String(issue.path.at(-1)))
  problems.push(...error.issues.map((issue, index) => `${wrong[index]}: ${issue.message}`))
  return schema.parse(byGroup(Object.fromEntries(Object.entries(given).filter(([key]) => !wrong.includes(key)))))
}

const byGroup = (given: object) => Object.fromEntries(Object.keys(groups).map(group => [group, given]))

function journalOf(
  placed: ReturnType<typeof partsOf>['journal'],
  { journal }: Settings,
  problems: string[]
): Config['journal'] | undefined {
  const environment = {
    dir: journal.CULVERT_DATA_DIR,
    maxBytes: journal.CULVERT_JOURNAL_MAX_BYTES,
    partitions: journal.CULVERT_PARTITIONS,
    retainMs: journal.CULVERT_JOURNAL_RETAIN,
    retainBytes: journal.CULVERT_JOURNAL_RETAIN_BYTES,
    sync: journal.CULVERT_JOURNAL_SYNC
  }
  return readOptions(journalSchemas.disk, placed ?? { path: 'journal', options: {} }, environment, {}, problems)
}

const withoutEmpty = (env: Environment): Readonly<Record<string, string>> =>
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
