import type { Event } from './core/event.ts'

/** Counts events that are kept although something was wrong with them, by mark; `take` hands on what came since the last time. */
export function createMarkCounter() {
  let counted: Record<string, number> = {}
  return {
    count(events: readonly Event[]): void {
      for (const { marks } of events) {
        if (marks.length > 0) for (const mark of marks) counted[mark] = (counted[mark] ?? 0) + 1
      }
    },
    take(): Readonly<Record<string, number>> {
      const taken = counted
      counted = {}
      return taken
    }
  }
}
