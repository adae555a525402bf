/** The keys at the top level of an app's JSON line, dots as written, that say something we look for; the first that is there counts. */
export const messageKeys = ['message', 'msg', '@message', 'event'] as const
export const levelKeys = ['level', 'log.level', 'severity', 'levelname', 'loglevel', 'lvl', '@level', 'log'] as const
export const timeKeys = ['@timestamp', 'timestamp', 'time', 'ts', 'instant'] as const
export const traceKeys = ['trace_id', 'traceId', 'trace.id', 'traceID', 'dd.trace_id', 'trace'] as const
export const spanKeys = ['span_id', 'spanId', 'span.id', 'spanID', 'dd.span_id', 'span'] as const
export const errorKeys = [
  'err',
  'error',
  'exception',
  'thrown',
  'error.type',
  'error.message',
  'error.stack_trace',
  'stack_trace',
  'stacktrace',
  'stack',
  'exc_info'
] as const

/** All of them: what the scan remembers. */
export const knownKeys = [...messageKeys, ...levelKeys, ...timeKeys, ...traceKeys, ...spanKeys, ...errorKeys] as const
export type KnownKey = (typeof knownKeys)[number]
