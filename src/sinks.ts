import { createBulkEncoder } from '../sinks/elasticsearch/encoder.ts'
import { createElasticsearchSink } from '../sinks/elasticsearch/sink.ts'
import { createInfluxdbSink } from '../sinks/influxdb/sink.ts'
import { createLocalSink } from '../sinks/local/sink.ts'
import { createStdoutSink } from '../sinks/stdout.ts'
import type { SinkConfig } from './config.ts'
import type { Sink } from './core/contract.ts'

/** A sink as configured, and for people where what it writes can be seen. */
export function openSink(
  config: SinkConfig,
  warn: (fields: object, sentence: string) => void
): { sink: Sink; where: string } {
  switch (config.kind) {
    case 'elasticsearch':
      return { sink: createElasticsearchSink(config.options, createBulkEncoder()), where: config.options.node }
    case 'influxdb':
      return { sink: createInfluxdbSink(config.options), where: config.options.url }
    case 'local':
      return { sink: createLocalSink(config.options, warn), where: 'this console' }
    case 'stdout':
      return { sink: createStdoutSink(config.options), where: 'standard output' }
  }
}

/**
 * One sink for the lanes of `count` partitions: a store has one connection, and the local store one writer. It is stopped when the
 * last of them stops its share.
 */
export function shareSink(sink: Sink, count: number): Sink[] {
  let left = count
  return Array.from({ length: count }, () => {
    let stopped = false
    return {
      ...sink,
      async stop() {
        if (stopped) return
        stopped = true
        left--
        if (left === 0) await sink.stop()
      }
    }
  })
}
