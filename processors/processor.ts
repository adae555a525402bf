import type { Processor } from '../src/core/contract.ts'
import { type Event, isLog, type LogEvent } from '../src/core/event.ts'

/**
 * A processor that looks at one log at a time. Returning the same event leaves it as it is, undefined leaves it out. An event on which it
 * throws is kept and marked by whoever runs it (src/run-processors.ts): a line that we cannot parse is still a line.
 */
export const eachLog = (name: string, change: (event: LogEvent) => LogEvent | undefined): Processor => ({
  name,
  process: events => {
    const changed: Event[] = []
    for (const event of events) {
      const result = isLog(event) ? change(event) : event
      if (result !== undefined) changed.push(result)
    }
    return changed
  }
})
