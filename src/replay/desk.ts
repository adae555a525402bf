import {
  addCounts,
  noFrames,
  type ReplayCount,
  type ReplayCounts,
  type ReplayQuery,
  type ReplayRange,
  type ReplayStep,
  type ReplayStepQuery
} from '../core/replay.ts'

export interface ReplayDeskOptions {
  readonly range: (query: ReplayQuery) => Promise<ReplayRange>
  readonly step: (query: ReplayStepQuery) => Promise<ReplayStep>
}

/** Replays as people ask for them, and what became of them since the start. */
export function createReplayDesk({ range, step }: ReplayDeskOptions) {
  const counts = new Map<string, ReplayCounts>()
  return {
    range,
    async step(query: ReplayStepQuery): Promise<ReplayStep> {
      const done = await step(query)
      if (query.mode !== 'count') counts.set(query.sink, addCounts(counts.get(query.sink) ?? noFrames, done))
      return done
    },
    counts: (): ReplayCount[] => Array.from(counts, ([lane, sum]) => ({ lane, ...sum }))
  }
}
export type ReplayDesk = ReturnType<typeof createReplayDesk>
