import type { Processor, Sink } from '../core/contract.ts'
import type { DeadLetter, DeadLetterQuery, PutBackOfLane, PutBackStep } from '../core/dead-letter.ts'
import { CulvertError } from '../core/errors.ts'
import type { Event } from '../core/event.ts'
import type { RecordView } from '../core/record.ts'
import type { LetterPlace, SettledLetters } from '../dead-letters.ts'
import { createAttempts } from '../delivery-attempts.ts'
import { runProcessors } from '../run-processors.ts'
import { findLetters } from './find.ts'
import { type Parcel, parcelOf, rebuild, recordKeyOf, sizeOf, withTieBreak } from './rebuild.ts'

/** A lane as the put-back sees it. */
export interface PutBackLane {
  /** As its letters name it. */
  readonly lane: string
  readonly sink: Sink
  /** All that its events go through, shared ones first. */
  readonly processors: readonly Processor[]
  readonly letters: SettledLetters
}

export interface PutBackOptions {
  /** The data directory. */
  readonly dir: string
  readonly lanes: readonly PutBackLane[]
  readonly decode: (record: RecordView) => readonly Event[]
  /** A store that takes nothing for so long ends the step, ms. */
  readonly timeoutMs?: number
}

interface Waiting extends LetterPlace {
  readonly letter: DeadLetter
}

/** Of one step: letters at most, their lines, and the records that are rebuilt of them at once. */
export const maxLetters = 500
const maxLineBytes = 8 * 2 ** 20
const maxRebuiltBytes = 32 * 2 ** 20
const maxReasons = 10

/**
 * Gives dead letters to the store that refused them, as the events that they were: same frame, same id, same place. A letter is marked after the
 * store's yes, and only then: a crash in between leaves it waiting, and when it comes again the store is asked first whether it has it. What is
 * refused again stays.
 * One step at a time, newest first; throws QUERY_INVALID, SINK_UNAVAILABLE, SINK_UNAUTHORIZED, DEAD_LETTERS_FAILING.
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
    for (const [name, waiting] of Map.groupBy(letters, ({ letter }) => letter.lane)) {
      const lane = byName.get(name)
      const result =
        lane === undefined
          ? refuse(waiting, `There is no lane ${name} any more.`, reasons)
          : await ofLane(lane, waiting, reasons, stopping)
      outcomes.push({ lane: name, ...result })
    }
    if (next === undefined) for (const { letters: files } of lanes) await files.sweep()
    return { lanes: outcomes, reasons: [...reasons], ...(next === undefined ? {} : { next }), skipped }
  }

  async function ofLane(lane: PutBackLane, waiting: readonly Waiting[], reasons: Set<string>, stopping: AbortSignal) {
    let sum = { putBack: 0, duplicate: 0, refused: 0 }
    const events = new Map<Event, Waiting[]>()
    let rebuilt = 0
    const flush = async (): Promise<void> => {
      if (events.size === 0) return
      const done = await write(lane, events, reasons, stopping)
      sum = add(sum, done)
      events.clear()
      rebuilt = 0
    }
    for (const group of Map.groupBy(waiting, ({ letter }) => recordKeyOf(letter)).values()) {
      const parcels = new Map<Parcel, Waiting>()
      for (const one of group) {
        const parcel = parcelOf(one.letter)
        if (parcel === undefined) sum = add(sum, refuse([one], 'The letter has no place in a record.', reasons))
        else parcels.set(parcel, one)
      }
      const [first, ...others] = parcels.keys()
      if (first === undefined) continue
      const bytes = sizeOf([first, ...others])
      if (rebuilt + bytes > maxRebuiltBytes) await flush()
      rebuilt += bytes
      const decoded = decode(rebuild([first, ...others]))
      const bySequence = new Map<number, Event>()
      for (const [{ letter }, one] of parcels) {
        const known = bySequence.get(letter.sequence)
        const event = known ?? processed(lane, decoded[letter.sequence], letter)
        if (event === undefined)
          sum = add(sum, refuse([one], `The lane ${lane.lane} does not take such events.`, reasons))
        else if (known === undefined) events.set(event, [one])
        else events.get(event)?.push(one) // given up twice: before a crash, and after it
        if (event !== undefined) bySequence.set(letter.sequence, event)
      }
    }
    await flush()
    return sum
  }

  /** What the lane makes of the event; undefined where it leaves it out. */
  function processed(
    { processors, sink }: PutBackLane,
    event: Event | undefined,
    letter: DeadLetter
  ): Event | undefined {
    if (event === undefined) return undefined
    const [left] = runProcessors(processors, [withTieBreak(event, letter.tieBreak)], letter.receiptTime)
    return left !== undefined && sink.accepts(left) ? left : undefined
  }

  /** Resolves when the store has said yes or no to each, and every yes is marked. */
  async function write(
    { sink, letters }: PutBackLane,
    events: ReadonlyMap<Event, readonly Waiting[]>,
    reasons: Set<string>,
    stopping: AbortSignal
  ) {
    const refused = new Map<Event, string>()
    let trouble: CulvertError | undefined
    const deliver = createAttempts({
      sink,
      deadLetters: {
        append: async again => {
          for (const { event, reason } of again) refused.set(event, reason)
        }
      },
      onRetry: error => {
        trouble = error
      },
      onRecovered: () => {}
    })
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(timeoutMs)])
    const { duplicate } = await deliver([...events.keys()], signal, undefined, true).catch(cause => {
      throw new CulvertError(
        trouble?.code === 'SINK_UNAUTHORIZED' ? trouble.code : 'SINK_UNAVAILABLE',
        `The store did not take dead letters: ${trouble?.message ?? 'it did not answer in time'}`,
        { cause, retryable: true }
      )
    })
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

const add = (a: Omit<PutBackOfLane, 'lane'>, b: Omit<PutBackOfLane, 'lane'>) => ({
  putBack: a.putBack + b.putBack,
  duplicate: a.duplicate + b.duplicate,
  refused: a.refused + b.refused
})
