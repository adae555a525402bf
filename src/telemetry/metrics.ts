import { Counter, Gauge, Registry } from 'prom-client'
import type { Status } from '../core/status.ts'
import { type Definition, definitions, type Snapshot } from './metric-names.ts'
import { watchProcess } from './process.ts'

export interface MetricsOptions {
  status(): Status | Promise<Status>
  /** Of the live tail: clients now, rows dropped so far. */
  tail?(): Snapshot['tail']
}

/** Our metrics in Prometheus' text format, computed from snapshots when somebody asks. */
export function createMetrics({ status, tail = () => ({ clients: 0, dropped: 0 }) }: MetricsOptions) {
  const registry = new Registry()
  const watch = watchProcess()
  const fills = definitions.map(definition => register(definition, registry))
  return {
    contentType: registry.contentType,
    async text(): Promise<string> {
      const snapshot = { status: await status(), process: watch.snapshot(), tail: tail() }
      for (const fill of fills) fill(snapshot)
      return registry.metrics()
    },
    stop(): void {
      watch.stop()
    }
  }
}
export type Metrics = ReturnType<typeof createMetrics>

/** Registers a metric; the answer sets it from a snapshot. Samples with the same labels add up. */
function register({ name, help, type, labels, samples }: Definition, registry: Registry) {
  const metric = new (type === 'counter' ? Counter : Gauge)({ name, help, labelNames: labels, registers: [registry] })
  return (snapshot: Snapshot): void => {
    metric.reset()
    for (const [value, ...values] of samples(snapshot)) {
      metric.inc(Object.fromEntries(labels.map((label, index) => [label, values[index] ?? ''])), value)
    }
  }
}
