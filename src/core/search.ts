import type { LogRow, PlainSource } from './plain.ts'

/** What searches in the local store answer, through the API to the console. */
export interface LogPage {
  /** Newest first. */
  readonly logs: readonly LogRow[]
  /** The cursor of the next older page; absent on the last one. */
  readonly next?: string
}

export interface MetricName {
  readonly name: string
  readonly kind: string
  readonly unit: string
  /** Names of the apps that have it. */
  readonly apps: readonly string[]
}

export interface MetricSeries {
  readonly name: string
  readonly kind: string
  readonly unit: string
  readonly source: PlainSource
  /** Start of the step in ms, and its value: a gauge's or timer's mean, a counter's increase per second. Oldest first. */
  readonly points: readonly (readonly [ms: number, value: number])[]
}

/** The last container metrics of an app instance (every 15 s, GAUGE of the platform's executor). */
export interface Container {
  readonly source: PlainSource
  /** Of the newest of them, ms since 1970. */
  readonly at: number
  /** Percent of a core. */
  readonly cpu?: number
  /** Bytes, as are the rest. */
  readonly memory?: number
  readonly memoryQuota?: number
  readonly disk?: number
  readonly diskQuota?: number
}
