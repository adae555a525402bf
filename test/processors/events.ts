import type { Event } from '../../src/core/event.ts'
import { logRow } from '../../src/core/plain.ts'

/** An event as the golden files show it: all that the decoder found, without the id, which is new at each run. */
export function shown(event: Event): unknown {
  const { source, timestamp, marks } = event
  const common = { kind: event.kind, timestamp, ...(marks.length > 0 ? { marks } : {}) }
  const { tags, ...names } = source
  const who = { ...names, tags: { ...tags } }
  if (event.kind === 'log') {
    const { id, time, receivedAt, kind, source: _source, ...row } = logRow(event)!
    return { ...common, priority: event.priority, originalTime: event.originalTime, ...row, source: who }
  }
  if (event.kind === 'gauge') return { ...common, name: event.name, value: event.value, unit: event.unit, source: who }
  if (event.kind === 'counter')
    return { ...common, name: event.name, total: event.total, delta: event.delta, source: who }
  if (event.kind === 'timer') {
    return {
      ...common,
      name: event.name,
      start: event.start,
      stop: event.stop,
      durationMs: event.durationMs,
      source: who
    }
  }
  return { ...common, title: event.title, body: event.body, source: who }
}
