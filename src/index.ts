/** What a configuration file imports as `culvert`. */
export { type ConfigFile, defineConfig } from './components/config-file.ts'
export { httpsDrain, syslog } from './components/ingest.ts'
export { disk } from './components/journal.ts'
export {
  type EachEvent,
  type EachLog,
  eachLog,
  jsonLog,
  type ProcessorEntry,
  processor,
  redact,
  routerLog
} from './components/processors.ts'
export { elasticsearch, influxdb, localStore, stdout } from './components/sinks.ts'
export type {
  CounterEvent,
  Event,
  GaugeEvent,
  Level,
  LogChanges,
  LogEvent,
  PlatformEvent,
  TimerEvent
} from './core/event.ts'
export type { JsonLine } from './core/json-line.ts'
export type { RouterLine } from './core/router-line.ts'
export type { Source } from './core/source.ts'
