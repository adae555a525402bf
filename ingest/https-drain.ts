import type { Journal } from '../src/core/contract.ts'
import { CulvertError } from '../src/core/errors.ts'
import { postId, withPart } from '../src/core/identity.ts'
import { frameTruncated, headerBytes, RecordBuilder } from '../src/core/record.ts'
import type { ListenerStatus } from '../src/core/status.ts'
import { createCounts } from './counts.ts'
import { createCredentials } from './credentials.ts'
import { partitionOf } from './partition.ts'
import { type BodyFrame, firstTimestamp, splitBody } from './split-body.ts'

export interface HttpsDrainOptions {
  readonly journal: Journal
  readonly partitions: number
  readonly maxFrameBytes: number
  /** Basic credentials; without them everybody may post. */
  readonly user?: string
  readonly password?: string
}

export interface Post {
  /** Path and query as sent. */
  readonly target: string
  readonly authorization: string | undefined
  readonly body: Buffer
}

/**
 * The `https` and `https-batch` drains. A POST is one record (one per partition that its apps fall into), with an id that the same
 * bytes give again: the agent repeats a batch until it is answered with 2xx.
 */
export function createHttpsDrain({ journal, partitions, maxFrameBytes, user, password }: HttpsDrainOptions) {
  const authorized = createCredentials(user, password)
  const counts = createCounts()

  function recordOf(frames: readonly BodyFrame[], body: Buffer, id: Buffer): Buffer {
    const bytes = frames.reduce((sum, { start, end }) => sum + Math.min(end - start, maxFrameBytes), 0)
    const builder = new RecordBuilder(headerBytes + bytes + frames.length * 8 + 64)
    builder.beginRun(0)
    for (const { start, end } of frames) {
      const kept = Math.min(end, start + maxFrameBytes)
      if (kept < end) counts.problem('truncated')
      const at = builder.end
      builder.end += body.copy(builder.bytes, at, start, kept)
      builder.addFrame(at, kept - start, kept < end ? frameTruncated : 0)
    }
    return builder.finish(id, 'post', 'https')
  }

  function byPartition(frames: readonly BodyFrame[], body: Buffer): Map<number, BodyFrame[]> {
    const parts = new Map<number, BodyFrame[]>()
    for (const frame of frames) {
      const partition = partitionOf(body, frame.start, frame.end, partitions)
      const part = parts.get(partition)
      if (part === undefined) parts.set(partition, [frame])
      else part.push(frame)
    }
    return parts
  }

  return {
    authorized,

    /** 204 once every message is safe, also for an empty body; 401 for wrong credentials; 503 when the journal does not take it. */
    async handle({ target, authorization, body }: Post): Promise<number> {
      if (!authorized(authorization)) {
        counts.problem('unauthorized')
        return 401
      }
      counts.bytes += body.length
      const frames = splitBody(body)
      if (frames.length === 0) {
        counts.problem('empty')
        return 204
      }
      const id = postId(target, user ?? '', body, firstTimestamp(body, frames))
      try {
        await Promise.all(
          Array.from(byPartition(frames, body), ([partition, part]) =>
            journal.append(partition, recordOf(part, body, withPart(id, partition)))
          )
        )
      } catch (error) {
        if (!(error instanceof CulvertError)) throw error
        counts.problem('not_stored')
        return 503
      }
      counts.frames += frames.length
      return 204
    },

    status(): Pick<ListenerStatus, 'name' | 'frames' | 'bytes' | 'problems'> {
      const { frames, bytes, problems } = counts
      return { name: 'https', frames, bytes, problems }
    }
  }
}
