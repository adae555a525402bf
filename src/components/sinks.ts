import { z } from 'zod'
import { type ElasticsearchOptions, elasticsearchOptions } from '../../sinks/elasticsearch/options.ts'
import { type InfluxdbOptions, influxdbOptions } from '../../sinks/influxdb/options.ts'
import { localOptions } from '../../sinks/local/options.ts'
import { type StdoutOptions, stdoutOptions } from '../../sinks/stdout.ts'
import { type Component, component, type Fillable } from './component.ts'
import type { ProcessorEntry, ProcessorSetting } from './processors.ts'

/** What every sink may be told besides its own options: its lane. */
const laneOptions = {
  name: z
    .string()
    .regex(
      /^(?=.{1,80}$)[A-Za-z0-9_.-]*[A-Za-z_.]$/,
      'may be up to 80 letters, digits, _, . and -, and ends in no digit or -'
    )
    .exactOptional()
    .describe('Name of the lane and its cursor, by default the kind of the sink; each sink has its own.'),
  whenFull: z
    .enum(['wait', 'skip'])
    .exactOptional()
    .describe(
      'When the journal is full: `wait` stops accepting, `skip` gives up this sink’s oldest lines, counted as lost.'
    )
}

/** The options of each sink, by its kind. */
export const sinkSchemas = {
  elasticsearch: elasticsearchOptions.extend(laneOptions),
  influxdb: influxdbOptions.extend(laneOptions),
  local: localOptions.omit({ dir: true }).extend(laneOptions),
  stdout: stdoutOptions.extend(laneOptions)
}
export type SinkKind = keyof typeof sinkSchemas

interface LaneOptions {
  readonly name?: string
  readonly whenFull?: 'wait' | 'skip'
  /** The lane's own, after the shared ones. */
  readonly processors?: readonly ProcessorEntry[]
}

export type SinkComponent = Component<SinkKind>

/** Logs and platform events, to Elasticsearch. What is not said comes from ELASTICSEARCH_URL and its like. */
export const elasticsearch = (options: Fillable<ElasticsearchOptions> & LaneOptions = {}): SinkComponent =>
  component('elasticsearch', options)

/** Metrics, to InfluxDB 2. What is not said comes from INFLUXDB_URL and its like. */
export const influxdb = (options: Fillable<InfluxdbOptions> & LaneOptions = {}): SinkComponent =>
  component('influxdb', options)

/** Logs and metrics, to the embedded store in the data directory, which the console searches. */
export const localStore = (
  options: Fillable<Omit<z.input<typeof localOptions>, 'dir'>> & LaneOptions = {}
): SinkComponent => component('local', options)

/** Every event as a line of JSON, to standard output. */
export const stdout = (options: Fillable<StdoutOptions> & LaneOptions = {}): SinkComponent =>
  component('stdout', options)

interface Lane {
  /** Of the lane and its cursor. */
  readonly name: string
  readonly whenFull: 'wait' | 'skip'
  /** The lane's own, after the shared ones. */
  readonly processors: readonly ProcessorSetting[]
}

/** A sink and its lane, checked; options are whole, with their defaults. */
export type SinkConfig =
  | (Lane & { readonly kind: 'elasticsearch'; readonly options: z.output<typeof elasticsearchOptions> })
  | (Lane & { readonly kind: 'influxdb'; readonly options: z.output<typeof influxdbOptions> })
  | (Lane & { readonly kind: 'local'; readonly options: z.output<typeof localOptions> })
  | (Lane & { readonly kind: 'stdout'; readonly options: z.output<typeof stdoutOptions> })
