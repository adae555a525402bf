import { setImmediate as turn } from 'node:timers/promises'
import type { JournalReader, Processor, Sink } from '../core/contract.ts'
import { CulvertError } from '../core/errors.ts'
import type { Event } from '../core/event.ts'
import type { RecordView } from '../core/record.ts'
import {
  addCounts,
  maxCountedFrames,
  maxStepFrames,
  noFrames,
  type ReplayCounts,
  type ReplayStep,
  type ReplayStepQuery
} from '../core/replay.ts'
import { type Delivered, deliverOnce } from '../deliver-once.ts'
import { runProcessors } from '../run-processors.ts'
import { createWalk, type Passed, type Walk } from './walk.ts'

/** A lane as a replay sees it. */
export interface ReplayLane {
  readonly name: string
  readonly partition: number
  readonly sink: Sink
  /** All that its events go through, shared ones first. */
  readonly processors: readonly Processor[]
  /** Up to where it has committed; undefined while it does not know that itself. */
  readonly committed: () => number | undefined
}

export interface StepsOptions {
  readonly journal: Pick<JournalReader, 'read'>
  readonly laneOf: (sink: string, partition: number) => ReplayLane
  readonly decode: (record: RecordView) => readonly Event[]
  /** A store that takes nothing for so long ends the step, ms. */
  readonly timeoutMs?: number
}

interface Gathered {
  readonly events: readonly Event[]
  readonly counts: ReplayCounts
  readonly gone: number
  readonly position: number
  readonly receivedAt?: number
}

/** What is read in one step to be counted, about. */
const maxCountedBytes = 32 * 2 ** 20
/** The lanes have their turn after so many frames. */
const framesPerTurn = 250
const maxReasons = 10

/**
 * Gives a stretch of the journal to a sink once more, as the lane did: own reading, own decoder, the lane's processors and its sink, in small
 * steps, so that the lanes in this thread go on. Nothing of it touches the lane's cursor or ledger, and nothing behind the cursor is
 * read: that is the lane's. One step of a sink at a time.
 */
export function createSteps({ journal, laneOf, decode, timeoutMs = 30_000 }: StepsOptions) {
  const walks = new Map<string, Walk>()
  const busy = new Set<string>()

  /** The walk that stands where the step begins, or a new one. */
  async function walkOf({ sink, partition, position }: ReplayStepQuery): Promise<Walk> {
    const known = walks.get(sink)
    if (known?.partition === partition && known.next === position) return known
    await leave(sink)
    const walk = createWalk(journal, partition, position, () => void leave(sink))
    walks.set(sink, walk)
    return walk
  }

  async function leave(sink: string): Promise<void> {
    const walk = walks.get(sink)
    walks.delete(sink)
    await walk?.close()
  }

  function reachOf(lane: ReplayLane, { position, end }: ReplayStepQuery): number {
    const committed = lane.committed()
    if (committed !== undefined && committed > position) return Math.min(end, committed)
    const why = committed === undefined ? 'is starting' : 'has not come so far itself'
    throw new CulvertError('SINK_UNAVAILABLE', `The lane ${lane.name} ${why}.`, { retryable: true })
  }

  async function step(lane: ReplayLane, query: ReplayStepQuery, stopping: AbortSignal): Promise<ReplayStep> {
    const { position, end, mode } = query
    const sink = mode === 'replace' ? replacing(lane) : lane.sink
    if (position >= end) return { ...noFrames, position, gone: 0, reasons: [] }
    const { counts, events, ...passed } = await gather(lane, query)
    const { stored, duplicate, refused } = await write(sink, events, stopping)
    const there = mode === 'replace' ? { replaced: duplicate } : { duplicate }
    return {
      ...addCounts(counts, { ...noFrames, ...there, stored, refused: refused.size }),
      ...passed,
      reasons: [...new Set(refused.values())].slice(0, maxReasons)
    }
  }

  /** Part by part, each in its own time: a record may hold very many events. */
  async function write(sink: Sink, events: readonly Event[], stopping: AbortSignal): Promise<Delivered> {
    const refused = new Map<Event, string>()
    let stored = 0
    let duplicate = 0
    for (let from = 0; from < events.length; from += sink.limits.maxEvents) {
      const part = events.slice(from, from + sink.limits.maxEvents)
      const delivered = await deliverOnce(sink, part, { timeoutMs, stopping, what: 'what is replayed' })
      stored += delivered.stored
      duplicate += delivered.duplicate
      for (const [event, reason] of delivered.refused) refused.set(event, reason)
    }
    return { stored, duplicate, refused }
  }

  /** Records from the step's position on, up to one of its bounds, and their events. */
  async function gather(lane: ReplayLane, query: ReplayStepQuery): Promise<Gathered> {
    const reach = reachOf(lane, query)
    const walk = await walkOf(query)
    const { maxFrames, maxBytes } = boundsOf(lane, query)
    const events: Event[] = []
    let counts: ReplayCounts = noFrames
    let bytes = 0
    let gone = 0
    let turned = 0
    let last: RecordView | undefined
    let passed: Passed | undefined
    do {
      passed = await walk.pull(reach)
      if (passed === undefined) break
      const made = query.mode === 'count' || passed.repeated ? [] : eventsOf(lane, passed.record)
      for (const event of made) events.push(event)
      last = passed.record
      const left = last.frameCount - made.length
      const fate = query.mode === 'count' ? {} : { [passed.repeated ? 'duplicate' : 'filtered']: left }
      counts = addCounts(counts, { ...noFrames, frames: last.frameCount, ...fate })
      bytes += last.bytes.length
      gone += passed.gone
      if (counts.frames - turned >= framesPerTurn) {
        turned = counts.frames
        await turn()
      }
    } while (counts.frames < maxFrames && bytes < maxBytes)
    const received = last === undefined ? {} : { receivedAt: last.receiptTime }
    if (passed !== undefined) return { events, counts, gone, position: walk.next, ...received }
    gone += Math.max(0, reach - walk.next)
    await leave(query.sink)
    return { events, counts, gone, position: reach, ...received }
  }

  function eventsOf({ processors, sink }: ReplayLane, record: RecordView): readonly Event[] {
    const events = runProcessors(processors, decode(record), record.receiptTime)
    return events.filter(event => sink.accepts(event))
  }

  return async (query: ReplayStepQuery, stopping: AbortSignal): Promise<ReplayStep> => {
    const lane = laneOf(query.sink, query.partition)
    if (busy.has(lane.name))
      throw new CulvertError('SINK_UNAVAILABLE', `Another replay into ${lane.name} is at work.`, { retryable: true })
    busy.add(lane.name)
    try {
      return await step(lane, query, stopping)
    } catch (error) {
      await leave(query.sink) // it has read what was not delivered
      throw error
    } finally {
      busy.delete(lane.name)
    }
  }
}

function boundsOf({ sink }: ReplayLane, { mode, limit }: ReplayStepQuery): { maxFrames: number; maxBytes: number } {
  return mode === 'count'
    ? { maxFrames: Math.min(limit, maxCountedFrames), maxBytes: maxCountedBytes }
    : { maxFrames: Math.min(limit, maxStepFrames, sink.limits.maxEvents), maxBytes: sink.limits.maxBytes }
}

/** The lane's sink, whose writes go over what is there; it looks that up itself. Throws QUERY_INVALID where it cannot. */
function replacing({ name, sink }: ReplayLane): Sink {
  const { known: _, replace, ...rest } = sink
  if (replace === undefined)
    throw new CulvertError('QUERY_INVALID', `mode: ${name} cannot write over what it has; \`missing\` stores the rest.`)
  return { ...rest, write: (events, signal) => replace(events, signal) }
}
