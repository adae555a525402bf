import type { Level } from './statement.ts'

/** One statement of an app, before a logging library has written it. */
export interface AppLine {
  /** ms since 1970; may have a fraction. */
  readonly timeMs: number
  readonly level: Level
  readonly app: string
  readonly logger: string
  readonly thread: string
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly traceId: string
  readonly spanId: string
  readonly error?: { readonly type: string; readonly message: string; readonly stack: string } | undefined
}

/** The JSON line of each library, with the keys and in the order of its usual set-up. */
export const appJson = {
  pino: line =>
    JSON.stringify({
      level: { debug: 20, info: 30, warn: 40, error: 50 }[line.level],
      time: Math.trunc(line.timeMs),
      pid: 18,
      hostname: hostname(line),
      name: line.app,
      trace_id: line.traceId,
      span_id: line.spanId,
      ...line.fields,
      err: line.error && { type: line.error.type, message: line.error.message, stack: line.error.stack },
      msg: line.message
    }),
  bunyan: line =>
    JSON.stringify({
      name: line.app,
      hostname: hostname(line),
      pid: 22,
      component: line.logger,
      level: { debug: 20, info: 30, warn: 40, error: 50 }[line.level],
      ...line.fields,
      err: line.error && { message: line.error.message, name: line.error.type, stack: line.error.stack },
      msg: line.message,
      time: iso(line),
      v: 0
    }),
  winston: line =>
    JSON.stringify({
      level: line.level,
      message: line.message,
      service: line.app,
      ...line.fields,
      stack: line.error?.stack,
      timestamp: iso(line),
      traceId: line.traceId
    }),
  logback: line =>
    JSON.stringify({
      '@timestamp': iso(line),
      '@version': '1',
      message: line.message,
      logger_name: line.logger,
      thread_name: line.thread,
      level: line.level.toUpperCase(),
      level_value: { debug: 10000, info: 20000, warn: 30000, error: 40000 }[line.level],
      stack_trace: line.error?.stack,
      traceId: line.traceId,
      spanId: line.spanId,
      ...line.fields
    }),
  log4j2: line =>
    JSON.stringify({
      instant: {
        epochSecond: Math.trunc(line.timeMs / 1000),
        nanoOfSecond: Math.round((line.timeMs % 1000) * 1000) * 1000
      },
      thread: line.thread,
      level: line.level.toUpperCase(),
      loggerName: line.logger,
      message: line.message,
      thrown: line.error && {
        commonElementCount: 0,
        localizedMessage: line.error.message,
        message: line.error.message,
        name: line.error.type,
        extendedStackTrace: line.error.stack
      },
      endOfBatch: false,
      loggerFqcn: 'org.apache.logging.log4j.spi.AbstractLogger',
      contextMap: { traceId: line.traceId, spanId: line.spanId, ...strings(line.fields) },
      threadId: 31,
      threadPriority: 5
    }),
  zap: line =>
    JSON.stringify({
      level: line.level,
      ts: line.timeMs / 1000,
      logger: line.app,
      caller: `${line.logger.split('.').at(-1)}/handler.go:${40 + line.message.length}`,
      msg: line.message,
      trace_id: line.traceId,
      ...line.fields,
      error: line.error?.message,
      stacktrace: line.error?.stack
    }),
  logrus: line =>
    JSON.stringify({
      component: line.logger.split('.').at(-1),
      error: line.error?.message,
      ...line.fields,
      level: line.level === 'warn' ? 'warning' : line.level,
      msg: line.message,
      time: `${iso(line).slice(0, 19)}Z`
    }),
  structlog: line =>
    JSON.stringify({
      ...line.fields,
      request_id: line.traceId,
      event: line.message,
      exception: line.error?.stack,
      logger: line.logger,
      level: line.level === 'warn' ? 'warning' : line.level,
      timestamp: iso(line).replace('Z', '218Z')
    }),
  ecs: line =>
    JSON.stringify({
      '@timestamp': iso(line),
      'log.level': line.level.toUpperCase(),
      message: line.message,
      'ecs.version': '1.2.0',
      'service.name': line.app,
      'event.dataset': line.app,
      'process.thread.name': line.thread,
      'log.logger': line.logger,
      'trace.id': line.traceId,
      'span.id': line.spanId,
      ...(line.error && {
        'error.type': line.error.type,
        'error.message': line.error.message,
        'error.stack_trace': line.error.stack
      }),
      labels: strings(line.fields)
    })
} as const satisfies Record<string, (line: AppLine) => string>

export type Library = keyof typeof appJson

const iso = (line: AppLine): string => new Date(line.timeMs).toISOString()
const hostname = (line: AppLine): string => `${line.spanId.slice(0, 8)}-${line.app.slice(0, 4)}`
const strings = (fields: AppLine['fields']): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, String(value)]))
