import { setTimeout as pause } from 'node:timers/promises'
import type { ApiAnswer } from '../api-call.ts'
import {
  addCounts,
  maxCountedFrames,
  maxStepFrames,
  noFrames,
  type ReplayCounts,
  type ReplayMode,
  type ReplayPart,
  type ReplayStep
} from '../core/replay.ts'

/** What a step is told besides the sink. */
export interface StepBody {
  readonly partition: number
  readonly position: number
  readonly end: number
  readonly limit: number
  readonly mode: ReplayMode
}

export interface DriveOptions {
  readonly parts: readonly ReplayPart[]
  readonly mode: ReplayMode
  /** Receipt time at which the range begins, ms since 1970. */
  readonly from: number
  /** Frames per second. */
  readonly rate?: number | undefined
  readonly step: (body: StepBody) => Promise<ApiAnswer<ReplayStep>>
  readonly onProgress: (bytes: number, frames: number) => Promise<void>
  /** A step did not succeed, and is tried again. */
  readonly onTrouble: (sentence: string, waitMs: number) => void
  readonly interrupted?: AbortSignal | undefined
  /** The first pause before a step is tried again, and how many failures in a row are too many. */
  readonly minWaitMs?: number
  readonly maxFailures?: number
}

export interface Driven {
  readonly counts: ReplayCounts
  /** Bytes that held no record. */
  readonly gone: number
  readonly reasons: readonly string[]
  /** Whoever goes on begins at this receipt time; absent where all is done. */
  readonly reached?: number
  /** Why it is not done; absent too where it was interrupted. */
  readonly problem?: string
}

interface Place {
  readonly partition: number
  position: number
  readonly end: number
  /** Receipt time up to which it is done. */
  at: number
}

const maxWaitMs = 30_000
const maxReasons = 10
/** A partition is left for another one when it is so far ahead, in receipt time: what a partition has open goes with it. */
const aheadMs = 60_000
/** Steps of a second, where there is a rate. */
const stepsPerSecond = 4

/**
 * Asks for step after step, the partitions at about the same pace, so that there is one time at which to go on. A step that fails is tried again, with
 * growing pauses: Culvert may be restarted meanwhile. Resolves when all is done, too much has failed, or the person has had enough.
 */
export async function drive(options: DriveOptions): Promise<Driven> {
  const {
    parts,
    mode,
    from,
    rate,
    step,
    onProgress,
    onTrouble,
    interrupted,
    minWaitMs = 1000,
    maxFailures = 12
  } = options
  const places = parts.map(({ partition, position, end }): Place => ({ partition, position, end, at: from }))
  const limit = limitOf(mode, rate)
  const reasons = new Set<string>()
  let counts: ReplayCounts = noFrames
  let gone = 0
  let bytes = 0
  let failures = 0
  let place: Place | undefined

  const result = (problem?: string): Driven => {
    const left = places.filter(({ position, end }) => position < end)
    const reached = left.length === 0 ? {} : { reached: Math.min(...left.map(({ at }) => at)) }
    return { counts, gone, reasons: [...reasons], ...reached, ...(problem === undefined ? {} : { problem }) }
  }
  const wait = (ms: number): Promise<void> =>
    pause(ms, undefined, { ...(interrupted && { signal: interrupted }) }).catch(() => undefined)

  while ((place = nextPlace(places, place)) !== undefined) {
    if (interrupted?.aborted) return result()
    const startedAt = performance.now()
    const { partition, position, end } = place
    const answer = await step({ partition, position, end, limit, mode })
    if (!answer.ok) {
      if (interrupted?.aborted) return result()
      failures++
      if (!answer.again || failures > maxFailures) return result(answer.sentence)
      const waitMs = Math.min(maxWaitMs, minWaitMs * 2 ** (failures - 1))
      onTrouble(answer.sentence, waitMs)
      await wait(waitMs)
      continue
    }
    const { content } = answer
    if (content.position <= position) return result('Culvert did not go on: this is a mistake of ours.')
    failures = 0
    counts = addCounts(counts, content)
    gone += content.gone
    bytes += content.position - position
    for (const reason of content.reasons) if (reasons.size < maxReasons) reasons.add(reason)
    place.position = content.position
    place.at = content.receivedAt ?? place.at
    await onProgress(bytes, counts.frames)
    const due = rate === undefined || mode === 'count' ? 0 : (content.frames / rate) * 1000
    const waitMs = startedAt + due - performance.now()
    if (waitMs > 0) await wait(waitMs)
  }
  return result()
}

function limitOf(mode: ReplayMode, rate: number | undefined): number {
  if (mode === 'count') return maxCountedFrames
  return rate === undefined ? maxStepFrames : Math.min(maxStepFrames, Math.ceil(rate / stepsPerSecond))
}

/** The one that is furthest behind; the one at hand as long as it is not far ahead of that. */
function nextPlace(places: readonly Place[], current: Place | undefined): Place | undefined {
  const left = places.filter(({ position, end }) => position < end)
  const [last] = left.toSorted((a, b) => a.at - b.at)
  return last !== undefined && current !== undefined && left.includes(current) && current.at < last.at + aheadMs
    ? current
    : last
}
