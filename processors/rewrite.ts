import type { Processor } from '../src/core/contract.ts'
import type { Event, LogEvent, Mark } from '../src/core/event.ts'
import { headerBytes } from '../src/core/record.ts'
import { withTexts } from '../src/core/rewritten-record.ts'
import { jsonLog } from './json-log.ts'
import { routerLog } from './router-log.ts'

/**
 * Gives logs other texts, such that nothing of the old one can be read from the new event: its bytes lie in a copy of the record, and what
 * parsers found in the old text is looked for anew in the new one.
 */
export function createRewriter() {
  const parsers: readonly Processor[] = [routerLog(), jsonLog()]

  function parsed(event: LogEvent): Event {
    return parsers.reduce<Event>((read, parser) => parser.process([read], event.receiptTime)[0] ?? read, event)
  }

  /** The events in their order, those in `texts` with that text and one mark more. */
  return (events: readonly Event[], texts: ReadonlyMap<LogEvent, Uint8Array>, mark: Mark): readonly Event[] => {
    const rewritten = new Map<Event, Event>()
    for (const [record, group] of Map.groupBy(texts, ([event]) => event.record)) {
      const copy = withTexts(
        record,
        group.map(([, text]) => text)
      )
      let at = headerBytes
      for (const [event, text] of group) {
        const end = at + text.length
        const marks = event.marks.filter(given => given !== 'json_rewritten')
        const changed = event.withText(copy, at, end, withMark(marks, mark))
        rewritten.set(event, event.detail === undefined ? changed : parsed(changed))
        at = end
      }
    }
    return events.map(event => rewritten.get(event) ?? event)
  }
}
/** Each mark once. */
export const withMark = (marks: readonly Mark[], mark: Mark): readonly Mark[] =>
  marks.includes(mark) ? marks : [...marks, mark]
