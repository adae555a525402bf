import type { Processor } from '../core/contract.ts'
import { type Event, isEvent, isLog } from '../core/event.ts'
import type { RecordView } from '../core/record.ts'
import type { EachEvent, EachLog } from './processors.ts'

/**
 * A user's function as a processor. Whatever it answers that are no events of those that it got is thrown as TypeError: `runProcessors`
 * keeps and marks what it was given.
 */
export function ownProcessor(name: string, process: Processor['process']): Processor {
  return {
    name,
    process(events, clock) {
      const left: unknown = process(events, clock)
      return checked(name, left, events)
    }
  }
}

export const eachEvent =
  (change: EachEvent): Processor['process'] =>
  events => {
    const left: Event[] = []
    for (const event of events) {
      const kept = change(event)
      if (kept !== undefined) left.push(kept)
    }
    return left
  }

export const eachLogOf = (change: EachLog): Processor['process'] =>
  eachEvent(event => (isLog(event) ? change(event) : event))

function checked(name: string, left: unknown, given: readonly Event[]): readonly Event[] {
  for (const value of Array.isArray(left) ? left : [left]) if (value instanceof Promise) value.catch(ignore)
  if (!Array.isArray(left)) throw new TypeError(`${name} answers ${what(left)} instead of a list of events`)
  const open = new Map<RecordView, Set<number>>()
  for (const { record, frame } of given) {
    const frames = open.get(record)
    if (frames === undefined) open.set(record, new Set([frame]))
    else frames.add(frame)
  }
  return left.map((event: unknown) => {
    if (!isEvent(event)) throw new TypeError(`${name} answers ${what(event)} instead of an event`)
    if (open.get(event.record)?.delete(event.frame)) return event
    throw new TypeError(`${name} answers an event that it was not given, or one of them twice`)
  })
}

/** A rejection that nobody handles would end the worker. */
const ignore = (): void => {}

function what(value: unknown): string {
  if (value instanceof Promise) return 'a promise'
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`
}
