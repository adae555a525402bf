import type { LogRow } from '../../core/plain.ts'
import { oneLine } from './one-line.ts'

const maxFields = 12
const maxValueChars = 80
/** Of a match in a long text, so much is shown before it. */
const charsBeforeMatch = 24

/** What a row shows already, and what loggers add to every line: only shown where a search matched it. */
const housekeeping = new Set(
  [
    ...[
      'level',
      'severity',
      'levelname',
      'level_value',
      'log.level',
      'lvl',
      'msg',
      'message',
      'time',
      'ts',
      'timestamp'
    ],
    ...['@timestamp', '@version', 'v', 'pid', 'hostname', 'name', 'service', 'logger', 'logger_name', 'loggername'],
    ...['loggerfqcn', 'log.logger', 'caller', 'thread', 'thread_name', 'threadid', 'threadpriority', 'endofbatch'],
    ...['process.thread.name', 'process.pid', 'ecs.version', 'service.name', 'event.dataset', 'instant', 'trace_id'],
    ...[
      'traceid',
      'trace.id',
      'span_id',
      'spanid',
      'span.id',
      'parent_id',
      'flags',
      'trace_flags',
      'stack',
      'stack_trace'
    ],
    ...[
      'stacktrace',
      'exception',
      'thrown',
      'err',
      'error',
      'epochsecond',
      'nanoofsecond',
      'filename',
      'lineno',
      'func_name'
    ]
  ].values()
)

interface Field {
  readonly key: string
  readonly value: string
  readonly matches: boolean
}

/**
 * The app's own fields for a row of the list: `orderId=88520 currency=USD`. What a search matched comes first, whatever field it is, so that a
 * person sees why the line was found.
 */
export function inlineFields({ app, message }: Pick<LogRow, 'app' | 'message'>, words: RegExp | undefined): string {
  if (app === undefined) return ''
  const fields: Field[] = []
  for (const [key, value] of scalars(app)) {
    if (value === message) continue
    const matches = words !== undefined && `${key} ${value}`.search(words) >= 0
    if (matches || !housekeeping.has(key.toLowerCase())) fields.push({ key, value, matches })
  }
  return fields
    .toSorted((a, b) => Number(b.matches) - Number(a.matches))
    .slice(0, maxFields)
    .map(({ key, value, matches }) => `${key}=${quoted(matches ? excerpt(value, words) : value)}`)
    .join(' ')
}

/** Top-level values, and those of the objects in it: contexts and labels. Deeper ones are for the open row. */
function* scalars(app: Readonly<Record<string, unknown>>): Generator<[key: string, value: string]> {
  for (const [key, value] of Object.entries(app)) {
    if (value === null) continue
    if (typeof value !== 'object') yield [key, String(value)]
    else if (!Array.isArray(value) && !housekeeping.has(key.toLowerCase()))
      for (const [inner, innerValue] of Object.entries(value))
        if (typeof innerValue !== 'object') yield [inner, String(innerValue)]
  }
}

/** The part of a long text that the search matched. */
function excerpt(value: string, words: RegExp | undefined): string {
  const at = words === undefined ? 0 : value.search(words)
  return at <= charsBeforeMatch ? value : `…${value.slice(at - charsBeforeMatch)}`
}

function quoted(value: string): string {
  const text = oneLine(value.length > maxValueChars ? `${value.slice(0, maxValueChars)}…` : value)
  return /[\s"=]/.test(text) || text === '' ? `"${text}"` : text
}
