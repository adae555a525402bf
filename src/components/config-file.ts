import { suggestion } from '../config/suggestion.ts'
import { isComponent } from './component.ts'
import { type IngestComponent, type IngestKind, ingestSchemas } from './ingest.ts'
import { type JournalComponent, journalSchemas } from './journal.ts'
import type { ProcessorEntry } from './processors.ts'
import { type SinkComponent, type SinkKind, sinkSchemas } from './sinks.ts'

/** What `culvert.config.ts` exports as its default. What it does not say comes from the environment. */
export interface ConfigFile {
  /** Exactly these listeners. */
  readonly ingest?: readonly IngestComponent[] | undefined
  readonly journal?: JournalComponent | undefined
  /** Exactly these, once for all sinks, in this order; `routerLog()` and `jsonLog()` where nothing is said. */
  readonly processors?: readonly ProcessorEntry[] | undefined
  /** Exactly these. */
  readonly sinks?: readonly SinkComponent[] | undefined
}

/** Helps the editor; the file is checked when it is loaded. */
export const defineConfig = (config: ConfigFile): ConfigFile => config

/** A component and where it stands in the file, such as `sinks[1]`. */
export interface Placed<Kind extends string> {
  readonly path: string
  readonly kind: Kind
  readonly options: Readonly<Record<string, unknown>>
}

/** The file's parts; of each, what its own schema knows is not checked yet. */
export interface FileParts {
  readonly ingest: readonly Placed<IngestKind>[] | undefined
  readonly journal: Placed<'disk'> | undefined
  readonly processors: unknown
  readonly sinks: readonly Placed<SinkKind>[] | undefined
}

const keys = ['ingest', 'journal', 'processors', 'sinks']
export const noParts: FileParts = { ingest: undefined, journal: undefined, processors: undefined, sinks: undefined }

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Takes what a file exports apart; what is wrong with its shape goes to `problems`. */
export function partsOf(file: unknown, problems: string[]): FileParts {
  if (!isObject(file)) {
    problems.push('the default export is no object: write `export default defineConfig({ … })`')
    return noParts
  }
  for (const key of Object.keys(file)) if (!keys.includes(key)) problems.push(unknownKey(key, key, keys))
  const { ingest, journal, processors, sinks } = file
  return {
    ingest: placedList('ingest', ingest, ingestSchemas, problems),
    journal: journal === undefined ? undefined : placed('journal', journal, journalSchemas, problems),
    processors,
    sinks: placedList('sinks', sinks, sinkSchemas, problems)
  }
}

export function unknownKey(path: string, key: string, known: readonly string[]): string {
  const meant = suggestion(key, known)
  return `${path}: there is no such option${meant === undefined ? `; there are ${known.join(', ')}` : `; did you mean ${meant}?`}`
}

type Kinds<Kind extends string> = Readonly<Record<Kind, unknown>>

function placedList<Kind extends string>(
  path: string,
  list: unknown,
  kinds: Kinds<Kind>,
  problems: string[]
): readonly Placed<Kind>[] | undefined {
  if (list === undefined) return undefined
  if (!Array.isArray(list)) {
    problems.push(`${path}: must be a list, as in \`${path}: [${functionsOf(kinds)[0]}]\``)
    return []
  }
  return list.flatMap((value, index) => placed(`${path}[${index}]`, value, kinds, problems) ?? [])
}

function placed<Kind extends string>(
  path: string,
  value: unknown,
  kinds: Kinds<Kind>,
  problems: string[]
): Placed<Kind> | undefined {
  const kind = isComponent(value) ? value.kind : undefined
  if (!isComponent(value) || !isKind(kind, kinds)) {
    const found = kind === undefined ? '' : `, and not ${functionOf(kind)}`
    problems.push(`${path}: must be ${functionsOf(kinds).join(' or ')}${found}`)
    return undefined
  }
  if (isObject(value.options)) return { path, kind, options: value.options }
  problems.push(`${path}: ${functionOf(kind)} takes an object of options`)
  return undefined
}

const isKind = <Kind extends string>(kind: string | undefined, kinds: Kinds<Kind>): kind is Kind =>
  kind !== undefined && Object.hasOwn(kinds, kind)

const functionOf = (kind: string): string =>
  `${({ local: 'localStore', 'router-log': 'routerLog', 'json-log': 'jsonLog' })[kind] ?? kind}()`
const functionsOf = (kinds: object): string[] => Object.keys(kinds).map(functionOf)
