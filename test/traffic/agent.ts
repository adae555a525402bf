/**
 * What the platform's syslog agent makes of envelopes, to the byte (loggregator-agent-release: rfc5424.go, marshal.go, tcp.go):
 *
 *     LENGTH SP <PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID - STRUCTURED-DATA SP MSG LF
 */
import { goFloat } from './go.ts'

export type Tags = Readonly<Record<string, string>>

interface Common {
  /** µs since 1970. The agent cuts the nanoseconds off. */
  readonly timeMicros: number
  /** The application's guid, or a platform job's name. */
  readonly sourceId: string
  /** '' for none. */
  readonly instanceId: string
  readonly tags: Tags
}

export interface LogEnvelope extends Common {
  readonly kind: 'log'
  readonly stream: 'out' | 'err' | 'unknown'
  readonly payload: string | Uint8Array
}

export interface GaugeEnvelope extends Common {
  readonly kind: 'gauge'
  readonly metrics: readonly Metric[]
}

export interface Metric {
  readonly name: string
  readonly value: number
  readonly unit: string
}

export interface CounterEnvelope extends Common {
  readonly kind: 'counter'
  readonly name: string
  readonly total: bigint
  readonly delta: bigint
}

export interface TimerEnvelope extends Common {
  readonly kind: 'timer'
  readonly name: string
  /** ns since 1970. */
  readonly start: bigint
  readonly stop: bigint
}

export interface EventEnvelope extends Common {
  readonly kind: 'event'
  readonly title: string
  readonly body: string
}

export type Envelope = LogEnvelope | GaugeEnvelope | CounterEnvelope | TimerEnvelope | EventEnvelope

export interface Binding {
  /** What the Cloud Controller gave with the binding: used where the tags name neither organisation, space nor app. */
  readonly hostname?: string
  /** false as with `disable-metadata=true`: no tags@47450. */
  readonly metadata?: boolean
}

/** The messages of an envelope, without octet counts: one per metric of a gauge, else one. */
export function messagesOf(envelope: Envelope, { hostname = '', metadata = true }: Binding = {}): Buffer[] {
  const { tags } = envelope
  const time = agentTime(envelope.timeMicros)
  const name = cut(envelope.sourceId, 48)
  const head = (priority: number, procid: string) =>
    `<${priority}>1 ${time} ${hostOf(tags, hostname)} ${name} ${procid} - `
  const tagsElement = metadata && Object.keys(tags).length > 0 ? element('tags@47450', sorted(tags)) : ''
  const metric = (id: string, parameters: readonly Parameter[]) =>
    Buffer.from(`${head(14, `[${envelope.instanceId}]`)}${element(id, parameters)}${tagsElement} \n`)

  switch (envelope.kind) {
    case 'log':
      return [
        Buffer.concat([
          Buffer.from(`${head(priorities[envelope.stream], logProcid(envelope))}${tagsElement || '-'} `),
          textOf(envelope.payload)
        ])
      ]
    case 'gauge':
      return envelope.metrics.map(({ name, value, unit }) =>
        metric('gauge@47450', [
          ['name', name],
          ['value', goFloat(value)],
          ['unit', unit]
        ])
      )
    case 'counter': {
      const { name, total, delta } = envelope
      return [
        metric('counter@47450', [
          ['name', name],
          ['total', String(total)],
          ['delta', String(delta)]
        ])
      ]
    }
    case 'timer': {
      const { name, start, stop } = envelope
      return [
        metric('timer@47450', [
          ['name', name],
          ['start', String(start)],
          ['stop', String(stop)]
        ])
      ]
    }
    case 'event':
      return [
        metric('event@47450', [
          ['title', envelope.title],
          ['body', envelope.body]
        ])
      ]
  }
}

/** A message as it goes over TCP and TLS: octet count, one space, message (RFC 6587 section 3.4.1). */
export const octetCounted = (message: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${message.length} `, 'latin1'), message])

/** Go's `2006-01-02T15:04:05.999999-07:00` in UTC: no trailing zeros in the fraction, none at all when it is zero. */
export function agentTime(micros: number): string {
  const seconds = new Date(Math.floor(micros / 1e6) * 1000).toISOString().slice(0, 19)
  const fraction = String(((micros % 1e6) + 1e6) % 1e6)
    .padStart(6, '0')
    .replace(/0+$/, '')
  return `${seconds}${fraction && `.${fraction}`}+00:00`
}

const priorities = { out: 14, err: 11, unknown: -1 } as const

type Parameter = readonly [name: string, value: string]

const sorted = (tags: Tags): Parameter[] => Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))

const element = (id: string, parameters: readonly Parameter[]): string =>
  `[${id}${parameters.map(([name, value]) => ` ${name}="${value.replace(/["\\\]]/g, '\\$&')}"`).join('')}]`

/** `org.space.app` of the tags, each part sanitised and cut to 63. */
function hostOf({ organization_name: org, space_name: space, app_name: app }: Tags, hostname: string): string {
  if (!org && !space && !app) return cut(hostname, 255)
  const part = (text = '') =>
    text
      .replace(/\s+/g, '-')
      .replace(/[^-a-zA-Z0-9]/g, '')
      .replace(/-+$/, '')
      .slice(0, 63)
  return `${part(org)}.${part(space)}.${part(app)}`
}

/** `[TYPE/instance]`, at most 128 characters. */
function logProcid({ instanceId, tags }: LogEnvelope): string {
  const type = (tags['source_type'] ?? '')
    .replace(/\s+/g, '-')
    .replace(/[^\x21-\x7e]/g, '')
    .replace(/-+$/, '')
    .toUpperCase()
  return `[${(instanceId ? `${type}/${instanceId}` : type).slice(0, 126)}]`
}

const cut = (text: string, length: number): string => text.slice(0, length) || '-'

/** A log's bytes without NUL, with a final line feed. */
function textOf(payload: string | Uint8Array): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
  const text = bytes.includes(0) ? bytes.filter(byte => byte !== 0) : bytes
  return text.at(-1) === 10 ? Buffer.from(text) : Buffer.concat([text, Buffer.from('\n')])
}
