import type { Processor } from '../src/core/contract.ts'
import { type Event, isLog, type LogEvent } from '../src/core/event.ts'

/**
 * A processor that looks at one log at a time. An event on which it throws is kept and marked: a line that we cannot parse is
 * still a line. Returning the same event leaves it as it is, undefined leaves it out.
 */
export const eachLog = (name: string, change: (event: LogEvent) => LogEvent | undefined): Processor => ({
  name,
  process: events => {
    const changed: Event[] = []
    for (const event of events) {
      if (!isLog(event)) {
        changed.push(event)
        continue
      }
      let result: LogEvent | undefined
      try {
        result = change(event)
      } catch {
        result = event.with({ marks: [...event.marks, 'processor_failed'] })
      }
      if (result !== undefined) changed.push(result)
    }
    return changed
  }
})
