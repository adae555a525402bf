import type { Through } from '../../src/core/contract.ts'
import { type Event, levels } from '../../src/core/event.ts'
import { logRow, metricRow, type PlainSource } from '../../src/core/plain.ts'
import { appText, isMessageInApp } from '../../src/core/search-text.ts'
import { writeLine } from './line.ts'

/** A batch on its way to the store's thread: columns and strings, which cross threads cheaply. */
export interface Batch {
  readonly logs: LogColumns
  readonly points: PointColumns
  /** The distinct sources, PlainSource as JSON; columns have indices into it. */
  readonly sources: readonly string[]
  readonly series: readonly BatchSeries[]
  readonly through: Through | undefined
}

export interface LogColumns {
  readonly ids: string[]
  readonly lines: string[]
  readonly micros: number[]
  readonly ties: number[]
  readonly levels: number[]
  readonly sources: number[]
  /** Receipt times, ms. */
  readonly received: number[]
}

export interface PointColumns {
  readonly ids: string[]
  readonly micros: number[]
  readonly series: number[]
  readonly values: number[]
  /** NaN on all but counters. */
  readonly deltas: number[]
  readonly received: number[]
}

export interface BatchSeries {
  readonly name: string
  readonly kind: string
  readonly unit: string
  readonly source: number
}

/** Keeps the JSON of sources between batches. */
export function createPacker() {
  const jsonOf = new WeakMap<PlainSource, string>()

  function sourceJson(source: PlainSource): string {
    let json = jsonOf.get(source)
    if (json === undefined) jsonOf.set(source, (json = JSON.stringify(source)))
    return json
  }

  return function pack(events: readonly Event[], through: Through | undefined): Batch {
    const logs: LogColumns = { ids: [], lines: [], micros: [], ties: [], levels: [], sources: [], received: [] }
    const points: PointColumns = { ids: [], micros: [], series: [], values: [], deltas: [], received: [] }
    const sources = new Map<string, number>()
    const seriesNumbers = new Map<string, number>()
    const series: BatchSeries[] = []

    for (const event of events) {
      const row = logRow(event, 'omit')
      if (row !== undefined) {
        const app = event.kind === 'log' ? appText(event) : ''
        logs.ids.push(row.id)
        logs.lines.push(writeLine(row, app, event.kind === 'log' && app !== '' && isMessageInApp(event)))
        logs.micros.push(event.timeMicros)
        logs.ties.push(event.tieBreak)
        logs.levels.push(levels.findIndex(level => level === row.level))
        logs.sources.push(numberOf(sources, sourceJson(row.source)))
        logs.received.push(row.receivedAt)
        continue
      }
      const point = metricRow(event)
      if (point === undefined) continue
      const { name, kind, unit } = point
      const source = numberOf(sources, sourceJson(point.source))
      const number = numberOf(seriesNumbers, `${source}\n${kind}\n${name}\n${unit}`)
      series[number] ??= { name, kind, unit, source }
      points.ids.push(point.id)
      points.micros.push(event.timeMicros)
      points.series.push(number)
      points.values.push(point.value)
      points.deltas.push(point.delta ?? Number.NaN)
      points.received.push(event.receiptTime)
    }
    return { logs, points, sources: [...sources.keys()], series, through }
  }
}

function numberOf(numbers: Map<string, number>, key: string): number {
  let number = numbers.get(key)
  if (number === undefined) numbers.set(key, (number = numbers.size))
  return number
}
