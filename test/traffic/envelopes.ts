import type { Access } from './access-line.ts'
import { accessLine } from './access-line.ts'
import type { CounterEnvelope, EventEnvelope, GaugeEnvelope, LogEnvelope, TimerEnvelope } from './agent.ts'
import type { App, Instance, Vm } from './platform.ts'
import { sourceTypeOf, tagsOf } from './platform.ts'
import type { Random } from './random.ts'

/** Where an envelope comes into being: an instance of an app, seen by a virtual machine, at a time in µs. */
export interface Origin {
  readonly app: App
  readonly instance: Instance
  /** Default: the instance's cell. */
  readonly vm?: Vm
  readonly timeMicros: number
}

const common = ({ app, instance, vm = instance.cell, timeMicros }: Origin, sourceType: string) => ({
  timeMicros,
  sourceId: app.id,
  instanceId: String(instance.index),
  tags: tagsOf(app, instance, vm, sourceType)
})

/** A line of an app, or of the platform about it: `sourceType` as in tags, `APP/PROC/WEB` unless said. */
export const log = (
  origin: Origin,
  payload: string,
  { stream = 'out', sourceType = sourceTypeOf(origin.app) }: { stream?: 'out' | 'err'; sourceType?: string } = {}
): LogEnvelope => ({ kind: 'log', stream, payload, ...common(origin, sourceType) })

/** A request's line, as the router in `origin.vm` says it. */
export const accessLog = (origin: Origin, access: Access, nanos: number): LogEnvelope =>
  log(origin, accessLine(access, nanos), { sourceType: 'RTR' })

/** A request's timer, with the tags that gorouter gives it. */
export function httpTimer(origin: Origin, access: Access): TimerEnvelope {
  const { tags, ...rest } = common(origin, 'RTR')
  const stop = BigInt(Math.round(access.timeMicros + access.responseTime * 1e6)) * 1000n
  return {
    kind: 'timer',
    name: 'http',
    start: BigInt(access.timeMicros) * 1000n,
    stop,
    ...rest,
    tags: {
      ...tags,
      content_length: String(access.bytesSent),
      forwarded: access.forwardedFor.split(',')[0] ?? '',
      method: access.method,
      peer_type: 'Server',
      remote_address: access.remote,
      request_id: access.requestId,
      status_code: String(access.status),
      uri: `https://${access.host}${access.target}`,
      user_agent: access.userAgent,
      trace_id: access.traceId,
      span_id: access.spanId
    }
  }
}

const GiB = 2 ** 30

/** What an instance uses: `cpu` in percent of a core, memory and disk as shares of 1 GiB each, its age in seconds. */
export interface Usage {
  readonly cpu: number
  readonly memory: number
  readonly disk: number
  readonly ageSeconds: number
  /** Bytes of log per second. */
  readonly logRate: number
}

/** An instance's container metrics: what rep sends every 15 seconds, in its three envelopes. */
export function containerMetrics(origin: Origin, usage: Usage): GaugeEnvelope[] {
  const { tags, ...rest } = common(origin, sourceTypeOf(origin.app))
  const { __v1_type, ...v2 } = tags
  const gauge = (metrics: GaugeEnvelope['metrics']): GaugeEnvelope => ({ kind: 'gauge', metrics, ...rest, tags: v2 })
  return [
    gauge([
      { name: 'cpu', value: usage.cpu, unit: 'percentage' },
      { name: 'memory', value: Math.round(usage.memory * GiB), unit: 'bytes' },
      { name: 'disk', value: Math.round(usage.disk * GiB), unit: 'bytes' },
      { name: 'memory_quota', value: GiB, unit: 'bytes' },
      { name: 'disk_quota', value: GiB, unit: 'bytes' }
    ]),
    gauge([
      { name: 'cpu_entitlement', value: usage.cpu * 2, unit: 'percentage' },
      { name: 'container_age', value: Math.round(usage.ageSeconds * 1e9), unit: 'nanoseconds' }
    ]),
    gauge([
      { name: 'log_rate', value: usage.logRate, unit: 'B/s' },
      { name: 'log_rate_limit', value: 65_536, unit: 'B/s' }
    ])
  ]
}

/** A counter of an app, such as rx_bytes of its container or one of its own. */
export const counter = (origin: Origin, name: string, total: bigint, delta: bigint): CounterEnvelope => ({
  kind: 'counter',
  name,
  total,
  delta,
  ...common(origin, sourceTypeOf(origin.app))
})

/** Something that happened to an app. */
export const appEvent = (origin: Origin, title: string, body: Readonly<Record<string, unknown>>): EventEnvelope => ({
  kind: 'event',
  title,
  body: JSON.stringify(body),
  ...common(origin, sourceTypeOf(origin.app))
})

/** Digits 7 to 9 of a time, which gorouter writes and the agent cuts off. */
export const nanosOf = (random: Random): number => random.int(0, 999)
