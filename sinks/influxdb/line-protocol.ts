import type { Refusal } from '../../src/core/contract.ts'
import type { CounterEvent, Event, GaugeEvent, TimerEvent } from '../../src/core/event.ts'
import type { Source } from '../../src/core/source.ts'
import { escapeName } from './escape.ts'
import { type SourceTags, tagsOf } from './tags.ts'

/** The events that become points. */
export type MetricEvent = GaugeEvent | CounterEvent | TimerEvent

/** The gauges that Diego sends for each app instance (executor, containermetrics): fields of one point, not points of their own. */
const containerGauges = new Set([
  ...['cpu', 'cpu_entitlement', 'memory', 'memory_quota', 'disk', 'disk_quota', 'container_age', 'log_rate'],
  ...['log_rate_limit', 'absolute_usage', 'absolute_entitlement']
])

export interface Lines {
  /** Line protocol, a point a line. */
  readonly body: string
  readonly count: number
  /** Events that no line can say. */
  readonly unsayable: readonly Refusal[]
}

/**
 * Metrics as line protocol with times in ns:
 *
 *     container  app instances: one field per gauge (cpu in percent of a core, memory in bytes, …)
 *     gauge      value                        tag `name`
 *     counter    total, delta, total_uint     tag `name`; floats, and the exact 64-bit total
 *     timer      duration (ms)                tag `name`
 *
 * The container gauges of one envelope come as frames with the same time, and InfluxDB merges their fields into one point. Times have the sender's
 * microseconds; timers of one source and microsecond are told apart by the place of their frames, since each of them counts.
 * NaN and infinite gauges are unsayable.
 */
export function encodeLines(batch: readonly Event[]): Lines {
  const unsayable: Refusal[] = []
  let body = ''
  let count = 0
  for (let index = 0; index < batch.length; index++) {
    const event = batch[index]!
    if (event.kind === 'log' || event.kind === 'event') continue
    if (event.kind === 'gauge' && !Number.isFinite(event.value)) {
      unsayable.push({ index, reason: `InfluxDB has no ${event.value}: gauge ${event.name}` })
      continue
    }
    body += `${point(event)}\n`
    count++
  }
  return { body, count, unsayable }
}

function point(event: MetricEvent): string {
  const { source, name, timeMicros } = event
  switch (event.kind) {
    case 'gauge':
      return isContainerGauge(event)
        ? `container${cachedTags(source).container} ${name}=${event.value} ${timeMicros}000`
        : `gauge${namedTags(cachedTags(source), name)} value=${event.value} ${timeMicros}000`
    case 'counter': {
      const { total, delta } = event
      const fields = `total=${Number(total)},delta=${Number(delta)},total_uint=${total}u`
      return `counter${namedTags(cachedTags(source), name)} ${fields} ${timeMicros}000`
    }
    case 'timer': {
      const place = (event.frame % 1000).toString().padStart(3, '0')
      // a timer's source holds its request's id: nothing to keep
      return `timer${namedTags(tagsOf(source), name)} duration=${event.durationMs} ${timeMicros}${place}`
    }
  }
}

/** An app's own gauge may be called `memory` too; without tags (disable-metadata) the name is all there is. */
const isContainerGauge = ({ name, source: { tags } }: GaugeEvent): boolean =>
  containerGauges.has(name) && (tags['origin'] === undefined || tags['origin'] === 'rep')

const namedTags = ({ beforeName, afterName }: SourceTags, name: string): string =>
  `${beforeName},name=${escapeName(name) || '-'}${afterName}`

const encoded = new WeakMap<Source, SourceTags>()

/** Kept with the source: one object for all that one instance says. */
function cachedTags(source: Source): SourceTags {
  let tags = encoded.get(source)
  if (tags === undefined) encoded.set(source, (tags = tagsOf(source)))
  return tags
}
