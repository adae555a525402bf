import type { Processor } from './core/contract.ts'
import { type BaseArguments, CounterEvent, type Event, GaugeEvent, PlatformEvent, TimerEvent } from './core/event.ts'

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
  const base: BaseArguments = [record, frame, source, timeMicros, tieBreak, marks]
  switch (event.kind) {
    case 'log':
      return event.with({ marks })
    case 'gauge':
      return new GaugeEvent(base, event.name, event.value, event.unit)
    case 'counter':
      return new CounterEvent(base, event.name, event.total, event.delta)
    case 'timer':
      return new TimerEvent(base, event.name, event.start, event.stop)
    case 'event':
      return new PlatformEvent(base, event.title, event.body)
  }
}
