/** ms. */
export interface Latency {
  readonly samples: number
  readonly p50: number
  readonly p75: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

/** `sorted` rises; undefined where there is nothing. Nearest rank: the value that so many percent do not exceed. */
export function latencyOf(sorted: readonly number[]): Latency | undefined {
  const max = sorted.at(-1)
  if (max === undefined) return undefined
  const at = (percent: number): number => sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? max
  return { samples: sorted.length, p50: at(50), p75: at(75), p95: at(95), p99: at(99), max }
}
