import type { Level } from '../src/core/event.ts'
import type { AppError } from '../src/core/json-line.ts'

const names: Readonly<Record<string, Level>> = {
  trace: 'trace',
  silly: 'trace',
  finest: 'trace',
  finer: 'trace',
  all: 'trace',
  debug: 'debug',
  verbose: 'debug',
  fine: 'debug',
  config: 'debug',
  dbg: 'debug',
  info: 'info',
  information: 'info',
  informational: 'info',
  notice: 'info',
  http: 'info',
  default: 'info',
  inf: 'info',
  warn: 'warn',
  warning: 'warn',
  wrn: 'warn',
  error: 'error',
  err: 'error',
  severe: 'error',
  fatal: 'fatal',
  critical: 'fatal',
  crit: 'fatal',
  alert: 'fatal',
  emergency: 'fatal',
  emerg: 'fatal',
  panic: 'fatal',
  dpanic: 'fatal'
}

/** The level that a logger's value means: names of the common loggers in any case, pino's and bunyan's numbers (10 to 60). */
export function levelOf(value: unknown): Level | undefined {
  if (typeof value === 'string') {
    const name = value.trim().toLowerCase()
    return Object.hasOwn(names, name) ? names[name] : /^\d{2}$/.test(name) ? levelOf(Number(name)) : undefined
  }
  if (typeof value !== 'number' || !(value >= 10 && value < 70)) return undefined
  return value < 20
    ? 'trace'
    : value < 30
      ? 'debug'
      : value < 40
        ? 'info'
        : value < 50
          ? 'warn'
          : value < 60
            ? 'error'
            : 'fatal'
}

const iso = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9})\d*)?(Z|[+-]\d{2}:?\d{2})?$/

/**
 * A logger's time as ISO 8601 in UTC: ISO text (without zone: UTC), seconds, ms, µs or ns since 1970 by magnitude, or log4j2's
 * instant { epochSecond, nanoOfSecond }. Undefined if it is none of those or not between 1970 and 2262.
 */
export function timeOf(value: unknown): string | undefined {
  if (typeof value === 'string') {
    const match = iso.exec(value)
    if (match === null) return undefined
    const [, date, time, fraction = '', zone = 'Z'] = match
    const ms = Date.parse(`${date}T${time}${zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone}`)
    return Number.isNaN(ms) || !inRange(ms) ? undefined : withFraction(ms, fraction)
  }
  if (typeof value === 'number') {
    const ms = epochMillis(value)
    return ms === undefined ? undefined : new Date(ms).toISOString()
  }
  if (typeof value === 'object' && value !== null && 'epochSecond' in value && typeof value.epochSecond === 'number') {
    const nanos = 'nanoOfSecond' in value && typeof value.nanoOfSecond === 'number' ? value.nanoOfSecond : 0
    const ms = value.epochSecond * 1000
    return inRange(ms) ? withFraction(ms, nanos.toString().padStart(9, '0')) : undefined
  }
  return undefined
}

/** Seconds, ms, µs or ns since 1970, told apart by magnitude, as ms. */
export function epochMillis(value: number): number | undefined {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) return undefined
  const ms = value < 1e11 ? value * 1e3 : value < 1e14 ? value : value < 1e17 ? value / 1e3 : value / 1e6
  return inRange(ms) ? Math.trunc(ms) : undefined
}

const inRange = (ms: number): boolean => ms >= 0 && ms < 9_214_646_400_000 // 2262-01-01

const withFraction = (ms: number, fraction: string): string =>
  `${new Date(ms).toISOString().slice(0, -5)}${fraction === '' ? '' : `.${fraction}`}Z`

/** Hex of 64 or 128 bits with or without dashes, or the decimal form of some tracers; never all zeros. */
export const looksLikeTraceId = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length >= 8 &&
  value.length <= 64 &&
  /^[0-9a-zA-Z-]+$/.test(value) &&
  !/^[0-]+$/.test(value)

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

const first = (...values: unknown[]): string | undefined => values.map(text).find(value => value !== undefined)

/**
 * Type, message and stack of an error from the fields that loggers use: objects `err` (pino, bunyan), `error` (ECS, winston),
 * `exception`, `thrown` (log4j2); dotted ECS; strings `error` (zap, logrus), `stack_trace` (logback), `stacktrace` (zap),
 * `exception` (structlog), `exc_info` (Python).
 */
export function errorOf(fields: Readonly<Record<string, unknown>>): AppError | undefined {
  let [type, message, stack] = [
    text(fields['error.type']),
    text(fields['error.message']),
    text(fields['error.stack_trace'])
  ]
  for (const value of [fields.err, fields.error, fields.exception, fields.thrown]) {
    if (typeof value === 'string') {
      if (value.includes('\n')) stack ??= value
      else message ??= text(value)
    } else if (typeof value === 'object' && value !== null) {
      const part = (name: string): unknown => Reflect.get(value, name)
      type ??= first(part('type'), part('name'), part('class'), part('exception_class'))
      message ??= first(part('message'), part('exception_message'))
      stack ??= first(part('stack_trace'), part('stack'), part('stacktrace'), part('extendedStackTrace'))
    }
  }
  stack ??= first(fields.stack_trace, fields.stacktrace, fields.stack, fields.exc_info)
  const error = {
    ...(type === undefined ? {} : { type }),
    ...(message === undefined ? {} : { message }),
    ...(stack === undefined ? {} : { stack })
  }
  return Object.keys(error).length > 0 ? error : undefined
}
