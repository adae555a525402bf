import type { Processor } from './core/contract.ts'
import { type Event, withBase } from './core/event.ts'

/** Is told what processors did, once a batch and not per event. */
export interface ProcessorMeter {
  ran(name: string, events: number, ms: number): void
  /** An event on which it threw. */
  failed(name: string, error: unknown): void
}

/**
 * Runs processors one after the other. Where one throws, its events are given to it one by one, and those on which it throws are
 * kept as they were, and marked: no event holds back its lane for ever. `clock` is a receipt time, ms.
 */
export function runProcessors(
  processors: readonly Processor[],
  given: readonly Event[],
  clock: number,
  meter?: ProcessorMeter
): readonly Event[] {
  let events = given
  let from = meter === undefined || processors.length === 0 ? 0 : performance.now()
  for (const processor of processors) {
    const count = events.length
    try {
      events = processor.process(events, clock)
    } catch {
      events = events.flatMap(event => processOne(processor, event, clock, meter))
    }
    if (meter === undefined) continue
    const now = performance.now()
    meter.ran(processor.name, count, now - from)
    from = now
  }
  return events
}

function processOne(
  processor: Processor,
  event: Event,
  clock: number,
  meter: ProcessorMeter | undefined
): readonly Event[] {
  try {
    return processor.process([event], clock)
  } catch (error) {
    meter?.failed(processor.name, error)
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
