import { setTimeout as pause } from 'node:timers/promises'
import type { Sink, Through } from './core/contract.ts'
import { CulvertError, messageOf } from './core/errors.ts'
import type { Event } from './core/event.ts'
import type { DeadLetters } from './dead-letters.ts'

/** What became of a batch's events; it is never less than all of them. */
export interface Outcome {
  readonly stored: number
  readonly duplicate: number
  readonly dead: number
}

export interface AttemptOptions {
  readonly sink: Sink
  readonly deadLetters: DeadLetters
  /** A write, or events of it, will be sent again after `waitMs`. */
  readonly onRetry: (error: CulvertError, events: number, waitMs: number) => void
  readonly onSuccess: () => void
  readonly minWaitMs?: number
  readonly maxWaitMs?: number
}

/**
 * Writes a batch until every event of it is stored or dead-lettered: retries for ever with backoff and jitter, honours
 * Retry-After, halves a call that the store refuses as a whole until the events at fault stand alone. Rejects only when `signal`
 * aborts. Here, once, for all sinks.
 */
export function createAttempts(options: AttemptOptions) {
  const { sink, deadLetters, onRetry, onSuccess, minWaitMs = 200, maxWaitMs = 30_000 } = options

  /** Once: what is to be sent again, and what is settled. Events of one call that is refused as a whole are halved. */
  async function attempt(
    events: readonly Event[],
    signal: AbortSignal,
    through: Through | undefined
  ): Promise<Attempt> {
    try {
      const { retry, rejected, duplicates } = await sink.write(events, signal, through)
      const again = retry.map(({ index }) => events[index]!)
      const first = retry[0]
      return {
        outcome: {
          stored: events.length - again.length - rejected.length - duplicates,
          duplicate: duplicates,
          dead: rejected.length
        },
        dead: rejected.map(({ index, reason }) => ({ event: events[index]!, reason })),
        again,
        error: first && new CulvertError('SINK_UNAVAILABLE', first.reason, { retryable: true })
      }
    } catch (error) {
      signal.throwIfAborted()
      const failure = asCulvertError(error)
      if (failure.code !== 'SINK_REFUSED_BATCH') return { outcome: nothing, dead: [], again: events, error: failure }
      if (events.length === 1) {
        const dead = [{ event: events[0]!, reason: failure.message }]
        return { outcome: { ...nothing, dead: 1 }, dead, again: [], error: undefined }
      }
      const middle = events.length >> 1
      const left = await attempt(events.slice(0, middle), signal, undefined)
      const right = await attempt(events.slice(middle), signal, left.again.length === 0 ? through : undefined)
      return {
        outcome: sum(left.outcome, right.outcome),
        dead: [...left.dead, ...right.dead],
        again: [...left.again, ...right.again],
        error: left.error ?? right.error
      }
    }
  }

  return async (batch: readonly Event[], signal: AbortSignal, through: Through | undefined): Promise<Outcome> => {
    let outcome = nothing
    let pending = batch
    for (let failures = 0; ; failures++) {
      const tried = await attempt(pending, signal, through)
      if (tried.dead.length > 0) await deadLetters.append(tried.dead)
      outcome = sum(outcome, tried.outcome)
      pending = tried.again
      if (tried.error === undefined || pending.length === 0) {
        onSuccess()
        return outcome
      }
      const waitMs = waitOf(failures, tried.error.retryAfterMs, minWaitMs, maxWaitMs)
      onRetry(tried.error, pending.length, waitMs)
      await pause(waitMs, undefined, { signal })
    }
  }
}

interface Attempt {
  readonly outcome: Outcome
  readonly dead: readonly { readonly event: Event; readonly reason: string }[]
  readonly again: readonly Event[]
  readonly error: CulvertError | undefined
}

const nothing: Outcome = { stored: 0, duplicate: 0, dead: 0 }

const sum = (a: Outcome, b: Outcome): Outcome => ({
  stored: a.stored + b.stored,
  duplicate: a.duplicate + b.duplicate,
  dead: a.dead + b.dead
})

/** Exponential with half of it jitter, never sooner than the service asked for. */
export function waitOf(
  failures: number,
  retryAfterMs: number | undefined,
  minWaitMs: number,
  maxWaitMs: number
): number {
  const full = Math.min(maxWaitMs, minWaitMs * 2 ** Math.min(failures, 16))
  return Math.max(retryAfterMs ?? 0, full / 2 + (Math.random() * full) / 2)
}

export const asCulvertError = (error: unknown): CulvertError =>
  error instanceof CulvertError
    ? error
    : new CulvertError('SINK_UNAVAILABLE', messageOf(error), { cause: error, retryable: true })
