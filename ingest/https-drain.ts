import type { Journal, Position } from '../src/core/contract.ts'
import { CulvertError } from '../src/core/errors.ts'
import { postId, withPart } from '../src/core/identity.ts'
import { frameTruncated, type HttpListener, RecordBuilder, RecordView } from '../src/core/record.ts'
import type { ListenerStatus } from '../src/core/status.ts'
import { type BodyPart, dealOut, recordBytes } from './body-parts.ts'
import { createCounts } from './counts.ts'
import { createCredentials } from './credentials.ts'
import { type BodyFrame, firstTimestamp, splitBody } from './split-body.ts'

export interface HttpsDrainOptions {
  readonly journal: Journal
  readonly partitions: number
  readonly maxFrameBytes: number
  /** Basic credentials; without them everybody may post. */
  readonly user?: string
  readonly password?: string
  /** A POST is answered when all lanes have it; without it, when the journal has it. */
  readonly delivered?: Delivered
}

/** Says when every lane has committed (src/delivered.ts). */
export interface Delivered {
  readonly full: boolean
  /** Rejects with NOT_DELIVERED; `since` is performance.now() at the arrival. */
  until(ends: readonly Position[], since: number, gone: AbortSignal): Promise<void>
}

export interface Post {
  /** Path and query as sent. */
  readonly target: string
  readonly body: Buffer
  /** Where it came in. */
  readonly listener: HttpListener
}

/** A POST that is safe in the journal and is not to be answered before all lanes have it. Holds nothing of its body. */
export interface Stored {
  readonly listener: HttpListener
  /** Where its records end. */
  readonly ends: readonly Position[]
  /** performance.now() at its arrival. */
  readonly since: number
}

/**
 * The `https` and `https-batch` drains. A POST is one record (one per partition that its apps fall into), with an id that the same
 * bytes give again: the agent repeats a batch until it is answered with 2xx.
 */
export function createHttpsDrain(options: HttpsDrainOptions) {
  const { journal, partitions, maxFrameBytes, user, password, delivered } = options
  const authorized = createCredentials(user, password)
  const countsOf = { http: createCounts(), https: createCounts() }
  const waiting = { http: 0, https: 0 }
  const storing = new Set<Promise<unknown>>()
  let stopping = false

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

  async function append(part: BodyPart, post: Post, id: Buffer): Promise<Position> {
    const record = recordOf(part, post, id)
    await journal.append(part.partition, record)
    return { partition: part.partition, offset: new RecordView(record, part.partition).nextPosition }
  }

  /** Until it settles, a stop waits for it. */
  function track<T>(promise: Promise<T>): Promise<T> {
    storing.add(promise)
    const done = (): void => void storing.delete(promise)
    promise.then(done, done)
    return promise
  }

  /** Where the POST's records end; undefined when not all of them are safe. */
  async function store(post: Post, frames: BodyFrame[]): Promise<Position[] | undefined> {
    const { target, body, listener } = post
    const id = postId(target, user ?? '', body, firstTimestamp(body, frames))
    try {
      const parts = dealOut(body, frames, partitions, maxFrameBytes)
      return await Promise.all(parts.map(part => append(part, post, id)))
    } catch (error) {
      if (!(error instanceof CulvertError)) throw error
      countsOf[listener].problem('not_stored')
      return undefined
    }
  }

  return {
    authorized,

    /** Counts what went wrong with a POST before it came here. */
    problem: (listener: HttpListener, name: string): void => countsOf[listener].problem(name),

    /**
     * 204 once every message is safe, also for an empty body; 503 when the journal does not take it, or we stop. Where lanes decide on the
     * answer, what `delivered` is to be asked.
     */
    async handle(post: Post): Promise<number | Stored> {
      const { body, listener } = post
      const since = performance.now()
      const counts = countsOf[listener]
      counts.bytes += body.length
      const frames = splitBody(body)
      if (frames.length === 0) {
        counts.problem('empty')
        return 204
      }
      if (stopping || delivered?.full) {
        counts.problem(stopping ? 'stopped' : 'not_delivered')
        return 503
      }
      const ends = await track(store(post, frames))
      if (ends === undefined) return 503
      counts.frames += frames.length
      return delivered === undefined ? 204 : { listener, ends, since }
    },

    /** Resolves when every lane has committed what was stored; rejects with NOT_DELIVERED, also when `gone` aborts: the sender has. */
    async delivered({ listener, ends, since }: Stored, gone: AbortSignal): Promise<void> {
      waiting[listener]++
      try {
        await delivered?.until(ends, since, gone)
      } catch (error) {
        countsOf[listener].problem(gone.aborted ? 'aborted' : 'not_delivered')
        throw error
      } finally {
        waiting[listener]--
      }
    },

    /** Takes nothing more; resolves when the journal is done with what was taken. */
    async stop(): Promise<void> {
      stopping = true
      await Promise.allSettled(storing)
    },

    status(listener: HttpListener): Pick<ListenerStatus, 'frames' | 'bytes' | 'problems' | 'waiting'> {
      const { frames, bytes, problems } = countsOf[listener]
      return { frames, bytes, problems, ...(delivered === undefined ? {} : { waiting: waiting[listener] }) }
    }
  }
}
