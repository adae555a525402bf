import { createBulkEncoder } from '../sinks/elasticsearch/encoder.ts'
import { createElasticsearchSink } from '../sinks/elasticsearch/sink.ts'
import { createInfluxdbSink } from '../sinks/influxdb/sink.ts'
import { createLocalSink } from '../sinks/local/sink.ts'
import { createStdoutSink } from '../sinks/stdout.ts'
import type { SinkConfig } from './config.ts'
import type { Sink } from './core/contract.ts'

/** A sink as configured. */
export function openSink(config: SinkConfig, warn: (fields: object, sentence: string) => void): Sink {
  switch (config.kind) {
    case 'elasticsearch':
      return createElasticsearchSink(config.options, createBulkEncoder())
    case 'influxdb':
      return createInfluxdbSink(config.options)
    case 'local':
      return createLocalSink(config.options, warn)
    case 'stdout':
      return createStdoutSink(config.options)
  }
}

/** For people: where what a sink writes can be seen. */
export function whereOf(config: SinkConfig): string {
  switch (config.kind) {
    case 'elasticsearch':
      return config.options.node
    case 'influxdb':
      return config.options.url
    case 'local':
      return 'this console'
    case 'stdout':
      return 'standard output'
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
