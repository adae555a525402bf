import type { Event, LogEvent, Mark, PlatformEvent } from './event.ts'
import type { AppError } from './json-line.ts'
import type { Source } from './source.ts'

/** A source as people and JSON see it. */
export interface PlainSource {
  readonly org: string
  readonly space: string
  readonly app: string
  readonly appId: string
  readonly type: string
  readonly instance: string
  readonly process: string
}

/** One line of log or one platform event as plain JSON: what the API answers, the tail sends and the local store keeps. */
export interface LogRow {
  readonly id: string
  /** ISO 8601 with nine digits. */
  readonly time: string
  /** ms since 1970. */
  readonly receivedAt: number
  readonly kind: 'log' | 'event'
  readonly level: string
  readonly stream?: string
  readonly message: string
  readonly source: PlainSource
  readonly http?: PlainRequest
  /** The app's own JSON object. */
  readonly app?: Readonly<Record<string, unknown>>
  readonly error?: AppError
  readonly traceId?: string
  readonly spanId?: string
  readonly marks?: readonly Mark[]
  /** Why the frame could not be parsed. */
  readonly problem?: string
  /** The line's bytes in base64, where they are no UTF-8. */
  readonly original?: string
}

export interface PlainRequest {
  readonly method?: string
  readonly host?: string
  readonly path?: string
  readonly query?: string
  readonly status?: number
  readonly responseTimeMs?: number
  readonly bytesReceived?: number
  readonly bytesSent?: number
  readonly userAgent?: string
  readonly remoteAddress?: string
  readonly requestId?: string
  readonly routerError?: string
}

/** One number of a metric event: a gauge's value, a counter's total and delta, a timer's duration in ms. */
export interface MetricRow {
  readonly id: string
  /** ms since 1970. */
  readonly time: number
  readonly kind: 'gauge' | 'counter' | 'timer'
  readonly name: string
  readonly value: number
  /** Counters only: what was added since the last one. */
  readonly delta?: number
  readonly unit: string
  readonly source: PlainSource
}

export const plainSource = (source: Source): PlainSource => ({
  org: source.org.name,
  space: source.space.name,
  app: source.app.name || source.id,
  appId: source.app.id,
  type: source.type,
  instance: source.instance,
  process: source.process
})

/** The source of an event as plain JSON, kept with the source. */
const sources = new WeakMap<Source, PlainSource>()
function sourceOf(source: Source): PlainSource {
  let plain = sources.get(source)
  if (plain === undefined) sources.set(source, (plain = plainSource(source)))
  return plain
}

/** Undefined for metrics: see `metricRow`. `app: 'omit'` is for who takes the app's object from its bytes: parsing it costs. */
export function logRow(event: Event, app: 'parse' | 'omit' = 'parse'): LogRow | undefined {
  if (event.kind === 'log') return rowOfLog(event, app)
  if (event.kind === 'event') return rowOfPlatformEvent(event)
  return undefined
}

function rowOfLog(event: LogEvent, app: 'parse' | 'omit'): LogRow {
  const { detail, stream, originalBase64: original, marks } = event
  const json = detail?.kind === 'json' ? detail : undefined
  const router = detail?.kind === 'router' ? detail : undefined
  return present({
    id: event.id,
    time: event.timestamp,
    receivedAt: event.receiptTime,
    kind: 'log' as const,
    level: event.level,
    stream,
    message: event.message,
    source: sourceOf(event.source),
    http:
      router &&
      present({
        method: router.method,
        host: router.host,
        path: router.path,
        query: router.query,
        status: router.status,
        responseTimeMs: router.responseTime === undefined ? undefined : Math.round(router.responseTime * 1e6) / 1e3,
        bytesReceived: router.bytesReceived,
        bytesSent: router.bytesSent,
        userAgent: router.userAgent,
        remoteAddress: router.remoteAddress,
        requestId: router.requestId,
        routerError: router.routerError
      }),
    app: app === 'parse' ? json?.parse() : undefined,
    error: json?.error,
    traceId: detail?.traceId,
    spanId: detail?.spanId,
    marks: marks.length > 0 ? marks : undefined,
    problem: event.problem,
    original
  })
}

const rowOfPlatformEvent = (event: PlatformEvent): LogRow =>
  present({
    id: event.id,
    time: event.timestamp,
    receivedAt: event.receiptTime,
    kind: 'event' as const,
    level: 'info',
    message: event.body === '' ? event.title : `${event.title}: ${event.body}`,
    source: sourceOf(event.source),
    marks: event.marks.length > 0 ? event.marks : undefined
  })

/** Undefined for logs and platform events. */
export function metricRow(event: Event): MetricRow | undefined {
  if (event.kind === 'log' || event.kind === 'event') return undefined
  const row = {
    id: event.id,
    time: event.timeMicros / 1000,
    kind: event.kind,
    name: event.name,
    source: sourceOf(event.source)
  }
  if (event.kind === 'gauge') return { ...row, kind: event.kind, value: event.value, unit: event.unit }
  if (event.kind === 'timer') return { ...row, kind: event.kind, value: event.durationMs, unit: 'ms' }
  return { ...row, kind: event.kind, value: Number(event.total), delta: Number(event.delta), unit: '' }
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** The same object without the keys whose value is undefined. */
export function present<T extends object>(object: T): Present<T> {
  // Built up, not cut down: V8 makes an object slow for good when keys are deleted.
  const copy: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(object)) if (value !== undefined) copy[key] = value
  return copy as Present<T>
}
