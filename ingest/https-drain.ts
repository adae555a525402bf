import type { Journal } from '../src/core/contract.ts'
import { CulvertError } from '../src/core/errors.ts'
import { postId, withPart } from '../src/core/identity.ts'
import { frameTruncated, type HttpListener, RecordBuilder } from '../src/core/record.ts'
import type { ListenerStatus } from '../src/core/status.ts'
import { type BodyPart, dealOut, recordBytes } from './body-parts.ts'
import { createCounts } from './counts.ts'
import { createCredentials } from './credentials.ts'
import { firstTimestamp, splitBody } from './split-body.ts'

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
  readonly body: Buffer
  /** Where it came in. */
  readonly listener: HttpListener
}

/**
 * The `https` and `https-batch` drains. A POST is one record (one per partition that its apps fall into), with an id that the same
 * bytes give again: the agent repeats a batch until it is answered with 2xx.
 */
export function createHttpsDrain({ journal, partitions, maxFrameBytes, user, password }: HttpsDrainOptions) {
  const authorized = createCredentials(user, password)
  const countsOf = { http: createCounts(), https: createCounts() }

  function recordOf(part: BodyPart, { body, listener }: Post, id: Buffer): Buffer {
    const builder = new RecordBuilder(recordBytes(part))
    builder.beginRun(0)
    for (const { start, end } of part.frames) {
      const kept = Math.min(end, start + maxFrameBytes)
      if (kept < end) countsOf[listener].problem('truncated')
      const at = builder.end
      builder.end += body.copy(builder.bytes, at, start, kept)
      builder.addFrame(at, kept - start, kept < end ? frameTruncated : 0)
    }
    return builder.finish(withPart(id, part.part), 'post', listener)
  }

  return {
    authorized,

    /** Counts what went wrong with a POST before it came here. */
    problem: (listener: HttpListener, name: string): void => countsOf[listener].problem(name),

    /** 204 once every message is safe, also for an empty body; 503 when the journal does not take it. */
    async handle(post: Post): Promise<number> {
      const { target, body, listener } = post
      const counts = countsOf[listener]
      counts.bytes += body.length
      const frames = splitBody(body)
      if (frames.length === 0) {
        counts.problem('empty')
        return 204
      }
      const id = postId(target, user ?? '', body, firstTimestamp(body, frames))
      try {
        const parts = dealOut(body, frames, partitions, maxFrameBytes)
        await Promise.all(parts.map(part => journal.append(part.partition, recordOf(part, post, id))))
      } catch (error) {
        if (!(error instanceof CulvertError)) throw error
        counts.problem('not_stored')
        return 503
      }
      counts.frames += frames.length
      return 204
    },

    status(listener: HttpListener): Pick<ListenerStatus, 'frames' | 'bytes' | 'problems'> {
      const { frames, bytes, problems } = countsOf[listener]
      return { frames, bytes, problems }
    }
  }
}
