import type { LogRow } from '../../../src/core/plain.ts'
import type { MetricSeries } from '../../../src/core/search.ts'
import type { Capture } from '../../cases/captures.ts'
import { golden } from '../../cases/golden.ts'
import type { documentOf } from './elasticsearch.ts'
import type { Point } from './influxdb.ts'

/** How many messages of each kind the agent was given envelopes for. */
export interface Kinds {
  readonly log: number
  readonly event: number
  readonly gauge: number
  readonly counter: number
  readonly timer: number
}

const all: Kinds = { log: 16, event: 1, gauge: 12, counter: 1, timer: 1 }
const none: Kinds = { log: 0, event: 0, gauge: 0, counter: 0, timer: 0 }

/** What the drain URL's parameters let through (platform's filtered binding fetcher). */
export function kindsOf(capture: Capture): Kinds {
  const { log, event, gauge, counter, timer } = all
  switch (capture) {
    case 'syslog-default':
    case 'syslog-draindata-logs':
      return { ...none, log, event }
    case 'syslog-draintype-logs':
      return { ...none, log }
    case 'syslog-draindata-metrics':
      return { ...none, gauge, counter }
    case 'syslog-draintype-all':
      return { ...none, log, gauge, counter }
    case 'syslog-draindata-traces':
      return { ...none, timer }
    case 'aggregate-syslog-tls-all':
    case 'aggregate-https-batch-all':
      return { ...all, gauge: 13, counter: 2 }
    default:
      return all
  }
}

/** The agent was given the same envelopes for every drain, so by every scheme the same is stored, as far as the drain lets it through. */
function contentOf(capture: Capture): string {
  if (capture.startsWith('aggregate')) return 'aggregate'
  return capture.endsWith('nometadata') ? 'no-metadata' : 'all'
}

const read = (capture: Capture, store: string, actual: unknown) =>
  golden(new URL(`../../cases/captured/${contentOf(capture)}/${store}.json`, import.meta.url), actual)

type Document = ReturnType<typeof documentOf>

export function expectedDocuments(capture: Capture, actual: readonly Document[]): Document[] {
  const kinds = kindsOf(capture)
  const documents = read(capture, 'elasticsearch', actual) as Document[]
  return documents.filter(({ cloudfoundry }) => kinds[cloudfoundry['type'] as 'log' | 'event'] > 0)
}

/**
 * A POST is one record: its messages have the places that they have in the body, and of the two lines of one source and microsecond the second
 * comes second. The first POST of a batch ends amid the gauges, the event is the tenth message of the next. How a stream's bytes become
 * records is chance.
 */
export function expectedPlaces(capture: Capture): number[][] | undefined {
  const logs = Array.from({ length: all.log }, (_, index) => [index, index === 3 ? 1 : 0])
  if (capture.includes('batch')) return [...logs, [9, 0]]
  return capture.includes('https') ? Array.from({ length: all.log + all.event }, () => [0, 0]) : undefined
}

export function expectedPoints(capture: Capture, actual: readonly Point[]): Point[] {
  const kinds = { ...kindsOf(capture), container: kindsOf(capture).gauge }
  const points = read(capture, 'influxdb', actual) as Point[]
  return points.filter(({ measurement }) => kinds[measurement as keyof typeof kinds] > 0)
}

export interface LocallyStored {
  readonly logs: readonly Omit<LogRow, 'id' | 'receivedAt'>[]
  readonly series: readonly MetricSeries[]
}

export function expectedLocally(capture: Capture, actual: LocallyStored): LocallyStored {
  const kinds = kindsOf(capture)
  const { logs, series } = read(capture, 'local', actual) as LocallyStored
  return {
    logs: logs.filter(({ kind }) => kinds[kind] > 0),
    series: series.filter(({ kind }) => kinds[kind as keyof Kinds] > 0)
  }
}
