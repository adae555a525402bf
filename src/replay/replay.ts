import type { Processor } from '../core/contract.ts'
import { CulvertError } from '../core/errors.ts'
import type { ReplayPart, ReplayQuery, ReplayRange } from '../core/replay.ts'
import type { WorkerJournal } from '../journal/journal.ts'
import { createSteps, type ReplayLane, type StepsOptions } from './steps.ts'

export interface ReplayOptions extends Omit<StepsOptions, 'laneOf'> {
  readonly journal: Pick<WorkerJournal, 'read' | 'bounds' | 'positionAt' | 'receivedAt'>
  readonly lanes: readonly ReplayLane[]
}

/** The delivery worker's side of a replay: what the journal holds of a range, and its steps. Both throw QUERY_INVALID for an unknown sink. */
export function createReplay({ lanes, ...options }: ReplayOptions) {
  const { journal } = options

  function lanesOf(sink: string): readonly ReplayLane[] {
    const found = lanes.filter(({ name }) => name === sink)
    const holding = found[0]?.processors.find(({ stateful }) => stateful === true)
    if (holding !== undefined) throw new CulvertError('QUERY_INVALID', cannot(sink, holding))
    if (found.length > 0) return found
    const names = [...new Set(lanes.map(({ name }) => name))]
    throw new CulvertError('QUERY_INVALID', `sink: there is no ${sink}; there is ${names.join(' and ')}`)
  }

  function laneOf(sink: string, partition: number): ReplayLane {
    const lane = lanesOf(sink).find(candidate => candidate.partition === partition)
    if (lane === undefined) throw new CulvertError('QUERY_INVALID', `partition: there is no ${partition}`)
    return lane
  }

  async function part(lane: ReplayLane, { from, to }: ReplayQuery): Promise<ReplayPart> {
    const { partition } = lane
    const committed = lane.committed()
    if (committed === undefined)
      throw new CulvertError('SINK_UNAVAILABLE', `The lane ${lane.name} is starting.`, { retryable: true })
    const { oldest, end } = journal.bounds(partition)
    const first = from === undefined ? oldest : await journal.positionAt(partition, from)
    const behind = to === undefined ? end : Math.max(first, await journal.positionAt(partition, to + 1))
    const begins = await journal.receivedAt(partition, oldest)
    return {
      partition,
      position: first,
      end: Math.max(first, Math.min(behind, committed)),
      waiting: Math.max(0, behind - Math.max(first, committed)),
      ...(begins === undefined ? {} : { begins })
    }
  }

  return {
    async range(query: ReplayQuery): Promise<ReplayRange> {
      const found = lanesOf(query.sink)
      const replaces = found.every(({ sink }) => sink.replace !== undefined)
      return { replaces, partitions: await Promise.all(found.map(lane => part(lane, query))) }
    },
    step: createSteps({ ...options, laneOf })
  }
}
export type Replay = ReturnType<typeof createReplay>

/** From the middle on it would join other lines than it did, which are other documents: they would be doubled. */
const cannot = (sink: string, { name }: Processor): string =>
  `sink: ${sink} has the processor ${name}, which joins lines; a replay would have to know where it began`
