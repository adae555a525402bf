import { onTestFinished } from 'vitest'
import { createPacker } from '../../../sinks/local/batch.ts'
import { searchContainers } from '../../../sinks/local/container-search.ts'
import { parseQuery } from '../../../sinks/local/log-query.ts'
import { searchLogs } from '../../../sinks/local/log-search.ts'
import { searchMetrics, searchNames } from '../../../sinks/local/metric-search.ts'
import { type LocalOptions, localOptions } from '../../../sinks/local/options.ts'
import type { LocalQueries } from '../../../sinks/local/queries.ts'
import { createReader } from '../../../sinks/local/reader.ts'
import { createStore } from '../../../sinks/local/store.ts'
import type { Warn } from '../../../sinks/local/thread.ts'
import type { Through } from '../../../src/core/contract.ts'
import type { Event } from '../../../src/core/event.ts'
import { newDir } from './events.ts'

/** What the sink's thread does, in the test's own thread: starting one takes longer than most tests. */
export function openStore(options: Partial<LocalOptions> = {}, warn: Warn = () => {}) {
  const dir = options.dir ?? newDir()
  const store = createStore(localOptions.parse({ dir, ...options }), warn)
  const pack = createPacker()
  onTestFinished(store.close)
  store.open()
  return { ...store, dir, write: (events: readonly Event[], through?: Through) => store.write(pack(events, through)) }
}

/** What the queries' thread does, in the test's own thread. */
export function openReader(dir: string, warn: Warn = () => {}): LocalQueries {
  const reader = createReader(dir, warn)
  const never = Number.POSITIVE_INFINITY
  onTestFinished(reader.close)
  return {
    logs: async query => searchLogs(reader, parseQuery(query), never),
    metrics: async query => searchMetrics(reader, query, never),
    metricNames: async range => searchNames(reader, range, never),
    latestContainers: async () => searchContainers(reader, never),
    stop: async () => reader.close()
  }
}
