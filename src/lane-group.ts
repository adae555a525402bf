import { setTimeout as pause } from 'node:timers/promises'
import type { Sink } from './core/contract.ts'
import type { Lane } from './lane.ts'

/** Before a restart, requests that are on their way get so long; then they are aborted. */
const defaultSettleMs = 5000
/** A sink that does not close in this time is left behind. */
const defaultClosingMs = 1000

export interface LaneGroupOptions {
  readonly name: string
  /** A sink that was never opened, shared out: one for each partition. */
  readonly openSinks: () => readonly Sink[]
  /** The lane of the nth partition; it is not started. */
  readonly openLane: (sink: Sink, place: number) => Lane
  readonly settleMs?: number
  readonly closingMs?: number
}

/**
 * The lanes of one name: one in each partition, with one sink. A restart is a stop at a commit, and new lanes with a new sink that start
 * from the notes; the other lanes, and whoever reads the journal, do not notice.
 */
export function createLaneGroup({ name, openSinks, openLane, ...limits }: LaneGroupOptions) {
  const { settleMs = defaultSettleMs, closingMs = defaultClosingMs } = limits
  let sinks = openSinks()
  let lanes = sinks.map(openLane)
  let restarting: Promise<void> | undefined
  let stopping = false

  async function renew(): Promise<void> {
    const stopped = Promise.all(lanes.map(lane => lane.stop(settleMs)))
    await Promise.race([stopped, pause(settleMs + closingMs, undefined, { ref: false })])
    if (stopping) return
    sinks = openSinks()
    lanes = sinks.map(openLane)
    for (const lane of lanes) lane.start()
  }

  return {
    name,
    /** The sink of the nth partition, and its lane, as they are now. */
    sink: (place: number): Sink => sinks[place]!,
    lane: (place: number): Lane => lanes[place]!,
    get lanes(): readonly Lane[] {
      return lanes
    },
    start(): void {
      for (const lane of lanes) lane.start()
    },
    /** Resolves when the new lanes have started; whoever asks meanwhile gets the same. */
    restart: (): Promise<void> =>
      (restarting ??= renew().finally(() => {
        restarting = undefined
      })),
    /** As the lanes' own; a restart that is under way starts nothing any more. */
    async stop(deadlineMs: number, to: (place: number) => number): Promise<void> {
      stopping = true
      await Promise.all(lanes.map((lane, place) => lane.stop(deadlineMs, to(place))))
    }
  }
}
export type LaneGroup = ReturnType<typeof createLaneGroup>
