import { workerData } from 'node:worker_threads'
import { searchContainers } from './container-search.ts'
import { type LogQuery, parseQuery } from './log-query.ts'
import { searchLogs } from './log-search.ts'
import type { MetricQuery } from './metric-query.ts'
import { searchMetrics, searchNames } from './metric-search.ts'
import { createReader } from './reader.ts'
import { serve, warn } from './serve.ts'

/** The thread that reads the store for the API, read-only. `withinMs` is what remains of a query's time. */
const reader = createReader(workerData, warn)
const deadline = (withinMs: number): number => performance.now() + withinMs

const methods = {
  logs: (query: LogQuery, withinMs: number) => searchLogs(reader, parseQuery(query), deadline(withinMs)),
  metrics: (query: MetricQuery, withinMs: number) => searchMetrics(reader, query, deadline(withinMs)),
  metricNames: (query: Parameters<typeof searchNames>[1], withinMs: number) =>
    searchNames(reader, query, deadline(withinMs)),
  latestContainers: (withinMs: number) => searchContainers(reader, deadline(withinMs)),
  close: () => reader.close()
}
export type QueryMethods = typeof methods

serve(methods)
