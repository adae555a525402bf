import { messageOf } from './core/errors.ts'
import type { ProcessorStatus } from './core/status.ts'
import type { ProcessorMeter } from './run-processors.ts'

/** Counts what processors do, by name; `take` hands on what came since the last time. */
export function createProcessorCounter(): ProcessorMeter & { take(): readonly ProcessorStatus[] } {
  const counted = new Map<string, { events: number; busyMs: number; failed: number; lastError?: string }>()

  function countOf(name: string) {
    let count = counted.get(name)
    if (count === undefined) counted.set(name, (count = { events: 0, busyMs: 0, failed: 0 }))
    return count
  }

  return {
    ran(name, events, ms) {
      const count = countOf(name)
      count.events += events
      count.busyMs += ms
    },
    failed(name, error) {
      const count = countOf(name)
      count.failed++
      count.lastError = messageOf(error)
    },
    take() {
      const taken = Array.from(counted, ([name, count]) => ({ name, ...count }))
      counted.clear()
      return taken
    }
  }
}

/** What was known, and what came since: the newest error stays. */
export function addProcessors(known: readonly ProcessorStatus[], more: readonly ProcessorStatus[]): ProcessorStatus[] {
  const sums = new Map(known.map(status => [status.name, status]))
  for (const { name, events, busyMs, failed, ...error } of more) {
    const sum = sums.get(name) ?? { name, events: 0, busyMs: 0, failed: 0 }
    sums.set(name, {
      ...sum,
      events: sum.events + events,
      busyMs: sum.busyMs + busyMs,
      failed: sum.failed + failed,
      ...error
    })
  }
  return [...sums.values()]
}
