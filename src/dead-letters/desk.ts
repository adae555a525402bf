import type { DeadLetterCount, DeadLetterQuery, PutBackStep } from '../core/dead-letter.ts'
import { createDeadLetterCounts } from './counts.ts'
import { createDeadLetterReader } from './reader.ts'

export interface DeskOptions {
  /** The data directory. */
  readonly dir: string
  readonly putBack: (query: DeadLetterQuery) => Promise<PutBackStep>
}

/** All that people do with dead letters in the running product: read, count, put back. */
export function createDeadLetterDesk({ dir, putBack }: DeskOptions) {
  const count = createDeadLetterCounts(dir)
  /** By lane, since the start. */
  const done = new Map<string, number>()
  return {
    ...createDeadLetterReader(dir),

    /** Letters that fit, a bounded number, go to the stores that refused them; `next` is where to go on. */
    async replay(query: DeadLetterQuery): Promise<PutBackStep> {
      const step = await putBack(query)
      for (const { lane, putBack: letters } of step.lanes) done.set(lane, (done.get(lane) ?? 0) + letters)
      count.forget()
      return step
    },

    async counts(): Promise<readonly DeadLetterCount[]> {
      const counts = await count.counts()
      const gone = [...done.keys()].filter(lane => !counts.some(other => other.lane === lane))
      return [...counts, ...gone.map(lane => ({ lane, letters: 0, files: 0, bytes: 0 }))].map(lane => ({
        ...lane,
        putBack: done.get(lane.lane) ?? 0
      }))
    }
  }
}
export type DeadLetterDesk = ReturnType<typeof createDeadLetterDesk>
