import type { Container, LogPage, MetricName } from '../../src/core/search.ts'
import { createDeadlineThread } from './deadline-thread.ts'
import type { LogQuery } from './log-query.ts'
import type { MetricQuery } from './metric-query.ts'
import type { MetricsAnswer } from './metric-search.ts'
import type { QueryMethods } from './query-thread.ts'
import type { Warn } from './thread.ts'

export type { LogQuery, MetricQuery }

export interface LocalQueries {
  /** One page of lines, newest first: all words of `q`, phrases in double quotes, `word*` for what begins so. */
  logs(query: LogQuery): Promise<LogPage>
  /** Charts: per series one value per step. */
  metrics(query: MetricQuery): Promise<MetricsAnswer>
  metricNames(range: {
    from?: string | number
    to?: string | number
  }): Promise<{ readonly names: readonly MetricName[] }>
  /** Last cpu, memory and disk of each app instance that was heard of in the last minutes. */
  latestContainers(): Promise<{ readonly containers: readonly Container[] }>
  /** Ends the thread; calls in flight reject. Safe to call twice. */
  stop(): Promise<void>
}

/**
 * Reads the embedded store, also while the sink writes it, in a thread of its own. Every call rejects with QUERY_INVALID, naming
 * the parameter, or with QUERY_DEADLINE after `deadlineMs`. Without a store there is nothing to find, which is no error.
 */
export function createLocalQueries({
  dir,
  deadlineMs = 5000,
  warn = () => {}
}: {
  /** The data directory, as the sink has it. */
  dir: string
  deadlineMs?: number
  warn?: Warn
}): LocalQueries {
  const module = new URL('./query-thread.ts', import.meta.url)
  const thread = createDeadlineThread<QueryMethods>(module, dir, deadlineMs, warn)
  return {
    logs: query => thread.call((methods, withinMs) => methods.call('logs', query, withinMs)),
    metrics: query => thread.call((methods, withinMs) => methods.call('metrics', query, withinMs)),
    metricNames: range => thread.call((methods, withinMs) => methods.call('metricNames', range, withinMs)),
    latestContainers: () => thread.call((methods, withinMs) => methods.call('latestContainers', withinMs)),
    stop: () => thread.stop()
  }
}
