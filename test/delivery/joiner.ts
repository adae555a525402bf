import type { Processor } from '../../src/core/contract.ts'
import { type Event, isLog, type LogEvent } from '../../src/core/event.ts'

/** Of `good 3.2` the record's number and the frame's. */
const numbersOf = (event: LogEvent) => /^good (\d+)\.(\d+)$/.exec(event.text)?.slice(1).map(Number)

/**
 * Joins good lines with odd numbers to the even one before them, those of every other record, as of two instances, interleaved; and lets
 * go of what waited for `holdMs`.
 */
export function createJoiner(holdMs: number): Processor {
  const held = new Map<number, LogEvent[]>()

  function letGo(key: number): Event[] {
    const [first, ...rest] = held.get(key) ?? []
    held.delete(key)
    if (first === undefined) return []
    if (rest.length === 0) return [first]
    const message = [first, ...rest].map(({ text }) => text).join('\n')
    return [first.with({ message, parts: rest.map(({ record }) => ({ position: record.position, frames: 1 })) })]
  }

  return {
    name: 'joiner',
    stateful: true,
    process(events, clock) {
      const out = [...held].flatMap(([key, [first]]) => (clock >= first!.receiptTime + holdMs ? letGo(key) : []))
      for (const event of events) {
        const [record, frame] = (isLog(event) && numbersOf(event)) || []
        if (!isLog(event) || record === undefined || frame === undefined) {
          out.push(event)
          continue
        }
        const key = record % 2
        const begun = held.get(key)
        if (frame % 2 === 1 && begun !== undefined) begun.push(event)
        else {
          out.push(...letGo(key))
          held.set(key, [event])
        }
      }
      return out
    }
  }
}
