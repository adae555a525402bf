import type { Processor, Sink } from '../core/contract.ts'
import type { DeadLetter } from '../core/dead-letter.ts'
import type { Event } from '../core/event.ts'
import type { RecordView } from '../core/record.ts'
import type { SettledLetters } from '../dead-letters.ts'
import { runProcessors } from '../run-processors.ts'
import { type Parcel, parcelOf, rebuild, recordKeyOf, sizeOf, withTieBreak } from './rebuild.ts'
import type { LetterPlace } from './settle.ts'

/** A lane as the put-back sees it. */
export interface PutBackLane {
  /** As its letters name it. */
  readonly lane: string
  readonly sink: Sink
  /** All that its events go through, shared ones first. */
  readonly processors: readonly Processor[]
  readonly letters: SettledLetters
}

export interface Waiting extends LetterPlace {
  readonly letter: DeadLetter
}

/** What goes to the store in one write, and why others cannot. */
export interface Batch {
  readonly events: ReadonlyMap<Event, readonly Waiting[]>
  readonly unfit: readonly (readonly [Waiting, string])[]
}

/** Of the records that are rebuilt for one batch, but for the first one: a record holds 16 MiB at most. */
const maxRebuiltBytes = 32 * 2 ** 20

/** The events of letters, and the letters that are none any more, in batches bounded by the bytes of the records that are rebuilt. */
export function* batchesOf(
  lane: PutBackLane,
  waiting: readonly Waiting[],
  decode: (record: RecordView) => readonly Event[]
): Generator<Batch> {
  let events = new Map<Event, Waiting[]>()
  let unfit: [Waiting, string][] = []
  let rebuilt = 0
  for (const group of Map.groupBy(waiting, ({ letter }) => recordKeyOf(letter)).values()) {
    const parcels = new Map<Parcel, Waiting>()
    for (const one of group) {
      const parcel = parcelOf(one.letter)
      if (parcel === undefined) unfit.push([one, 'The letter has no place in a record.'])
      else parcels.set(parcel, one)
    }
    const [first, ...others] = parcels.keys()
    if (first === undefined) continue
    const bytes = sizeOf([first, ...others])
    if (rebuilt > 0 && rebuilt + bytes > maxRebuiltBytes) {
      yield { events, unfit }
      events = new Map()
      unfit = []
      rebuilt = 0
    }
    rebuilt += bytes
    const decoded = decode(rebuild([first, ...others]))
    const bySequence = new Map<number, Event>()
    for (const [{ letter }, one] of parcels) {
      const known = bySequence.get(letter.sequence)
      const event = known ?? processed(lane, decoded[letter.sequence], letter)
      if (event === undefined) unfit.push([one, `The lane ${lane.lane} does not take such events.`])
      else if (known === undefined) events.set(event, [one])
      else events.get(event)?.push(one) // given up twice: before a crash, and after it
      if (event !== undefined) bySequence.set(letter.sequence, event)
    }
  }
  yield { events, unfit }
}

/** What the lane makes of the event; undefined where it leaves it out. */
function processed({ processors, sink }: PutBackLane, event: Event | undefined, letter: DeadLetter): Event | undefined {
  if (event === undefined) return undefined
  const [left] = runProcessors(processors, [withTieBreak(event, letter.tieBreak)], letter.receiptTime)
  return left !== undefined && sink.accepts(left) ? left : undefined
}
