import type { DeadLetterQuery, PutBackOfLane, PutBackStep } from '../core/dead-letter.ts'
import type { CulvertError } from '../core/errors.ts'
import type { Event } from '../core/event.ts'
import type { RecordView } from '../core/record.ts'
import { deliverOnce } from '../deliver-once.ts'
import { asCulvertError } from '../delivery-attempts.ts'
import { batchesOf, type PutBackLane, type Waiting } from './batches.ts'
import { findLetters } from './find.ts'

export interface PutBackOptions {
  /** The data directory. */
  readonly dir: string
  readonly lanes: readonly PutBackLane[]
  readonly decode: (record: RecordView) => readonly Event[]
  /** A store that takes nothing for so long ends the step, ms. */
  readonly timeoutMs?: number
}

type Counts = Pick<PutBackOfLane, 'putBack' | 'duplicate' | 'refused'>

/** Of one step: letters at most, and their lines. */
export const maxLetters = 500
const maxLineBytes = 8 * 2 ** 20
const maxReasons = 10

/**
 * Gives dead letters to the store that refused them, as the events that they were: same frame, same id, same place. A letter is marked after the
 * store's yes, and only then: a crash in between leaves it waiting, and when it comes again the store is asked first whether it has it. What is
 * refused again stays.
 * One step at a time, newest first. Throws QUERY_INVALID; and where nothing could be done SINK_UNAVAILABLE, SINK_UNAUTHORIZED, DEAD_LETTERS_FAILING.
 */
export function createPutBack({ dir, lanes, decode, timeoutMs = 30_000 }: PutBackOptions) {
  const byName = new Map(lanes.map(lane => [lane.lane, lane]))
  let turn: Promise<unknown> = Promise.resolve()

  async function step(query: DeadLetterQuery, stopping: AbortSignal): Promise<PutBackStep> {
    const limits = { maxBytes: maxLineBytes }
    const limit = Math.min(query.limit, maxLetters)
    const { letters, next, skipped } = await findLetters<Waiting>(
      dir,
      { ...query, limit },
      (letter, { file, start, at }) => ({ letter, file: file.name, start, at }),
      limits
    )
    const reasons = new Set<string>()
    const outcomes: PutBackOfLane[] = []
    const failures: CulvertError[] = []
    for (const [name, waiting] of Map.groupBy(letters, ({ letter }) => letter.lane)) {
      const lane = byName.get(name)
      if (lane === undefined)
        outcomes.push({ lane: name, ...refuse(waiting, `There is no lane ${name} any more.`, reasons) })
      else {
        const { failure, ...sum } = await ofLane(lane, waiting, reasons, stopping)
        if (failure !== undefined) failures.push(failure)
        outcomes.push({ lane: name, ...sum, ...(failure === undefined ? {} : { problem: failure.message }) })
      }
    }
    const [failure] = failures
    if (failure !== undefined && outcomes.every(({ putBack, refused }) => putBack + refused === 0)) throw failure
    if (next === undefined) for (const { letters: files } of lanes) await files.sweep()
    return { lanes: outcomes, reasons: [...reasons], ...(next === undefined ? {} : { next }), skipped }
  }

  /** Up to the first failure of the store or the disk; what was done before it is counted. */
  async function ofLane(
    lane: PutBackLane,
    waiting: readonly Waiting[],
    reasons: Set<string>,
    stopping: AbortSignal
  ): Promise<Counts & { failure?: CulvertError }> {
    let sum: Counts = { putBack: 0, duplicate: 0, refused: 0 }
    try {
      for (const { events, unfit } of batchesOf(lane, waiting, decode)) {
        for (const [one, reason] of unfit) sum = add(sum, refuse([one], reason, reasons))
        if (events.size > 0) sum = add(sum, await write(lane, events, reasons, stopping))
      }
      return sum
    } catch (error) {
      return { ...sum, failure: asCulvertError(error, 'INTERNAL') }
    }
  }

  /** Resolves when the store has said yes or no to each, and every yes is marked. */
  async function write(
    { sink, letters }: PutBackLane,
    events: ReadonlyMap<Event, readonly Waiting[]>,
    reasons: Set<string>,
    stopping: AbortSignal
  ) {
    const given = { timeoutMs, stopping, what: 'dead letters' }
    const { duplicate, refused } = await deliverOnce(sink, [...events.keys()], given)
    const taken = Array.from(events).flatMap(([event, places]) => (refused.has(event) ? [] : places))
    await letters.settle(taken)
    for (const reason of refused.values()) note(reason, reasons)
    const all = Array.from(events.values()).reduce((count, places) => count + places.length, 0)
    return { putBack: taken.length, duplicate, refused: all - taken.length }
  }

  return (query: DeadLetterQuery, stopping: AbortSignal): Promise<PutBackStep> => {
    const done = turn.then(() => step(query, stopping))
    turn = done.catch(() => undefined)
    return done
  }
}
export type PutBack = ReturnType<typeof createPutBack>

function refuse(waiting: readonly unknown[], reason: string, reasons: Set<string>) {
  note(reason, reasons)
  return { putBack: 0, duplicate: 0, refused: waiting.length }
}

function note(reason: string, reasons: Set<string>): void {
  if (reasons.size < maxReasons) reasons.add(reason)
}

const add = (a: Counts, b: Counts): Counts => ({
  putBack: a.putBack + b.putBack,
  duplicate: a.duplicate + b.duplicate,
  refused: a.refused + b.refused
})
