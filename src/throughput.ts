/** Over so long, ms, a rate is the mean. */
const windowMs = 10_000

interface Sample {
  readonly at: number
  readonly total: number
}

/** How much a second what counts up has grown lately, by name. */
export function createThroughput() {
  const samples = new Map<string, Sample[]>()
  return {
    /** Once a second or so. `now` in ms of any steady clock; totals begin anew where they fall. */
    sample(totals: Iterable<readonly [name: string, total: number]>, now: number): void {
      for (const [name, total] of totals) {
        const before = samples.get(name) ?? []
        const kept = before.filter(({ at }) => at >= now - windowMs)
        const begunAnew = (kept.at(-1)?.total ?? 0) > total
        samples.set(name, begunAnew ? [{ at: now, total }] : [...kept, { at: now, total }])
      }
    },

    /** 0 until there are two samples. */
    perSecond(name: string): number {
      const [first] = samples.get(name) ?? []
      const last = samples.get(name)?.at(-1)
      if (first === undefined || last === undefined || last.at === first.at) return 0
      return ((last.total - first.total) * 1000) / (last.at - first.at)
    }
  }
}
export type Throughput = ReturnType<typeof createThroughput>
