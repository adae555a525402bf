/** What a listener counts: what came in, and what was wrong, by name. */
export interface Counts {
  frames: number
  bytes: number
  problem(name: string, times?: number): void
  readonly problems: Readonly<Record<string, number>>
}

export function createCounts(): Counts {
  const problems: Record<string, number> = {}
  return {
    frames: 0,
    bytes: 0,
    problem: (name, times = 1) => void (problems[name] = (problems[name] ?? 0) + times),
    get problems() {
      return { ...problems }
    }
  }
}
