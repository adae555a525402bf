/**
 * How one learns that something was lost before it reached us. `drain`: the agent's line from LGR about a drain; `loggregator`: the same of
 * older platforms, about any consumer; `rate_limit`: Diego's line about an instance that logs too much; `counter_gap`: a counter's total grew by more
 * than its deltas.
 */
export const lossKinds = ['drain', 'loggregator', 'rate_limit', 'counter_gap'] as const
export type LossKind = (typeof lossKinds)[number]

/** What one line of the platform says. */
export interface LossReport {
  readonly kind: Exclude<LossKind, 'counter_gap'>
  /** Messages; undefined where the platform does not say how many. */
  readonly lost?: number
  /** URL of the drain, without user, password and query. */
  readonly drain?: string
  /** `1024 bytes/sec` */
  readonly limit?: string
}

/** Losses of one kind and app; of one drain or counter, where there is one. */
export interface LossEntry {
  readonly kind: LossKind
  /** All that came after there were too many entries of this kind: then the names are empty. */
  readonly rest: boolean
  /** Guid of the app, or a platform job's name. */
  readonly appId: string
  readonly app: string
  readonly space: string
  readonly org: string
  readonly drain?: string
  readonly counter?: string
  /** The newest one. */
  readonly limit?: string
  /** Messages, or for `counter_gap` how much is missing in the counter's own unit; 0 where nobody knows. */
  readonly lost: number
  /** Lines that said so, or gaps. */
  readonly reports: number
  /** Receipt times of the first and the last, ms since 1970. */
  readonly first: number
  readonly last: number
}

export interface LossTotals {
  /** Messages of which the platform says that they were lost. */
  readonly messages: number
  /** Times that it said that an instance logged too much. */
  readonly rateLimits: number
  readonly counterGaps: number
}

/** The book of what was lost before us. */
export interface LostBefore extends LossTotals {
  /** When it was opened, ms since 1970; absent while nothing is delivered yet. */
  readonly since?: number
  readonly entries: readonly LossEntry[]
  /** Counters that were let go to make room for others: where one goes on, a gap of it between the two is not seen. */
  readonly forgotten: number
}
