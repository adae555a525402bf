import type { Processor } from './core/contract.ts'
import { type Event, withBase } from './core/event.ts'

/**
 * Runs processors one after the other. Where one throws, its events are given to it one by one, and those on which it throws are
 * kept as they were, and marked: no event holds back its lane for ever. `clock` is a receipt time, ms.
 */
export function runProcessors(
  processors: readonly Processor[],
  given: readonly Event[],
  clock: number
): readonly Event[] {
  let events = given
  for (const processor of processors) {
    try {
      events = processor.process(events, clock)
    } catch {
      events = events.flatMap(event => processOne(processor, event, clock))
    }
  }
  return events
}

function processOne(processor: Processor, event: Event, clock: number): readonly Event[] {
  try {
    return processor.process([event], clock)
  } catch {
    return [marked(event)]
  }
}

function marked(event: Event): Event {
  const { record, frame, source, timeMicros, tieBreak } = event
  const marks = [...event.marks, 'processor_failed'] as const
  return event.kind === 'log'
    ? event.with({ marks })
    : withBase(event, [record, frame, source, timeMicros, tieBreak, marks])
}
