import { type Event, levels } from './core/event.ts'
import type { Rates } from './core/status.ts'

/** What was counted in one second of receipt time: by level, by status class, and metrics. */
export interface RateIncrement {
  /** Seconds since 1970. */
  readonly second: number
  readonly counts: readonly number[]
}

export const statusClasses = ['1xx', '2xx', '3xx', '4xx', '5xx', 'none'] as const
const statusAt = levels.length
const metricsAt = statusAt + statusClasses.length
const width = metricsAt + 1
/** Fifteen minutes. */
export const keptSeconds = 900

/** Counts in the delivery worker; `take` hands on what came since the last time, at most the newest `keptSeconds`. */
export function createRateCounter() {
  let counted = new Map<number, number[]>()
  return {
    count(events: readonly Event[], receiptTime: number): void {
      const second = Math.floor(receiptTime / 1000)
      let counts = counted.get(second)
      if (counts === undefined) {
        for (const oldest of counted.keys()) if (counted.size >= keptSeconds) counted.delete(oldest)
        counts = new Array<number>(width).fill(0)
        counted.set(second, counts)
      }
      for (let at = 0; at < events.length; at++) {
        try {
          for (; at < events.length; at++) countOne(counts, events[at]!)
        } catch {
          // Who counts must not stop the lanes: an event that we cannot look at is left out.
        }
      }
    },
    take(): RateIncrement[] {
      const taken = Array.from(counted, ([second, counts]) => ({ second, counts }))
      counted = new Map()
      return taken
    }
  }
}

function countOne(counts: number[], event: Event): void {
  if (event.kind === 'log') {
    counts[levels.indexOf(event.level)]!++
    if (event.detail?.kind === 'router') counts[statusAt + classOf(event.detail.status)]!++
  } else if (event.kind !== 'event') counts[metricsAt]!++
}

function classOf(status: number | undefined): number {
  const hundreds = Math.floor((status ?? 0) / 100)
  return hundreds >= 1 && hundreds <= 5 ? hundreds - 1 : 5
}

/** A chart of less says nothing. */
const leastSeconds = 60

/** The last fifteen minutes, in the main thread; less where we began to count `since` then (ms since 1970). */
export function createRateRing(since = Number.NEGATIVE_INFINITY) {
  const seconds = new Map<number, number[]>()
  return {
    add(increments: readonly RateIncrement[], now: number): void {
      const newest = Math.floor(now / 1000)
      const oldest = newest - keptSeconds
      for (const { second: counted, counts } of increments) {
        const second = Math.min(counted, newest) // receipt times may be ahead of a wall clock that was set back
        if (second < oldest) continue
        const sum = seconds.get(second)
        if (sum === undefined) seconds.set(second, [...counts])
        else for (let i = 0; i < width; i++) sum[i]! += counts[i]!
      }
      for (const second of seconds.keys()) if (second < oldest || second > newest) seconds.delete(second)
    },
    rates(now: number): Rates {
      const last = Math.floor(now / 1000)
      const known = Math.min(Math.floor(since / 1000), last - leastSeconds + 1, ...seconds.keys())
      const first = Math.max(last - keptSeconds + 1, known)
      const column = (at: number): number[] =>
        Array.from({ length: last - first + 1 }, (_, i) => seconds.get(first + i)?.[at] ?? 0)
      return {
        from: first * 1000,
        stepMs: 1000,
        levels: Object.fromEntries(levels.map((level, i) => [level, column(i)])),
        statuses: Object.fromEntries(statusClasses.map((name, i) => [name, column(statusAt + i)])),
        metrics: column(metricsAt)
      }
    }
  }
}
