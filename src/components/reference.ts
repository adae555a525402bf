import { z } from 'zod'
import { formatBytes, formatDuration } from '../core/quantities.ts'
import { ingestSchemas } from './ingest.ts'
import { journalSchemas } from './journal.ts'
import { unwrapped } from './read-options.ts'
import { sinkSchemas } from './sinks.ts'

/** The tables of all components' options, in Markdown. */
export const componentReference = (): string[] => [
  ...table('syslog()', ingestSchemas.syslog),
  ...table('httpsDrain()', ingestSchemas.httpsDrain),
  ...table('disk()', journalSchemas.disk),
  ...table('elasticsearch()', sinkSchemas.elasticsearch),
  ...table('influxdb()', sinkSchemas.influxdb),
  ...table('localStore()', sinkSchemas.local),
  ...table('stdout()', sinkSchemas.stdout)
]

const table = (name: string, { shape }: z.ZodObject): string[] => [
  `### ${name}`,
  '',
  '| option | default | may be | meaning |',
  '| --- | --- | --- | --- |',
  ...Object.entries(shape).map(
    ([key, schema]) => `| ${key} | ${defaultOf(schema)} | ${allowedOf(schema)} | ${aboutOf(schema).description} |`
  ),
  ''
]

const about = z.object({
  description: z.string().default(''),
  allowed: z.string().optional(),
  unit: z.enum(['bytes', 'ms']).optional()
})

/** What the schema says of itself, the outermost word first. */
function aboutOf(schema: z.core.$ZodType): z.output<typeof about> {
  const inner = unwrapped(schema)
  return about.parse({ ...(inner && z.globalRegistry.get(inner)), ...z.globalRegistry.get(schema) })
}

function defaultOf(schema: z.core.$ZodType): string {
  if (!(schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)) return 'none'
  const value: unknown = schema.def.defaultValue
  const { unit } = aboutOf(schema)
  if (typeof value !== 'number' || unit === undefined) return String(value)
  if (value === Number.MAX_SAFE_INTEGER) return 'any'
  return unit === 'bytes' ? formatBytes(value) : formatDuration(value)
}

function allowedOf(schema: z.core.$ZodType): string {
  const { allowed } = aboutOf(schema)
  const inner = unwrapped(schema)
  if (allowed !== undefined) return allowed
  if (inner instanceof z.ZodEnum) return inner.options.map(choice => `\`${choice}\``).join(' or ')
  if (inner instanceof z.ZodNumber) return `a whole number${rangeOf(inner)}`
  if (inner instanceof z.ZodURL) return 'a URL that begins with http:// or https://'
  if (inner instanceof z.ZodObject) return `\`{ ${Object.keys(inner.shape).join(', ')} }\``
  if (inner instanceof z.ZodUnion) return inner.options.map(allowedOf).join(' or ')
  return 'text'
}

function rangeOf({ minValue, maxValue }: z.ZodNumber): string {
  const least = minValue !== null && minValue > Number.MIN_SAFE_INTEGER ? minValue : undefined
  const most = maxValue !== null && maxValue < Number.MAX_SAFE_INTEGER ? maxValue : undefined
  if (least === undefined) return ''
  return most === undefined ? ` of at least ${least}` : ` from ${least} to ${most}`
}
