import { setTimeout as pause } from 'node:timers/promises'
import type { Sink, Through } from './core/contract.ts'
import { CulvertError, type ErrorCode, messageOf } from './core/errors.ts'
import type { Event } from './core/event.ts'
import type { DeadLetters, Refused } from './dead-letters.ts'
import { orAbort } from './or-abort.ts'

/** What became of a batch's events; it is never less than all of them. */
export interface Outcome {
  readonly stored: number
  readonly duplicate: number
  readonly dead: number
}

export interface AttemptOptions {
  readonly sink: Sink
  readonly deadLetters: DeadLetters
  /** A write, events of it, or its dead letters will be tried again after `waitMs`. */
  readonly onRetry: (error: CulvertError, events: number, waitMs: number) => void
  /** The store refused so many events, for now or for good. */
  readonly onRefused?: (events: number) => void
  /** No batch is being tried again any more. */
  readonly onRecovered: () => void
  readonly minWaitMs?: number
  readonly maxWaitMs?: number
}

/** A batch on its way, whatever its parts are. */
interface Delivery {
  readonly signal: AbortSignal
  /** Whether the sink failed so often on what is left that an event must be at fault: then it is looked for. */
  readonly isolating: boolean
  /** Pauses before the next try. */
  readonly pauseAfter: (error: CulvertError, events: number, failures: number) => Promise<void>
}

interface Attempt {
  readonly outcome: Outcome
  /** To be sent again, and why: empty where there is no error. */
  readonly again: readonly Event[]
  readonly error: CulvertError | undefined
  /** Whether the store may have any of `again`. */
  readonly uncertain: boolean
}

/**
 * Writes a batch until every event of it is stored or dead-lettered: retries for ever with backoff and jitter, honours
 * Retry-After, halves a call that the store refuses as a whole, or at which the sink fails again and again, until the events at fault
 * stand alone; what the store may have after a call without an answer, or from the beginning (`mayBeKnown`), is looked up before it is
 * sent. Rejects only when `signal` aborts, and then at once. Here, once, for all sinks.
 */
export function createAttempts(options: AttemptOptions) {
  const { sink, deadLetters, onRetry, onRefused, onRecovered, minWaitMs = 200, maxWaitMs = 30_000 } = options
  let troubled = 0

  /**
   * Once: what is settled, its dead letters synced, and what is to be sent again. `through` goes with the last part only. What the
   * store may have (`uncertain`) is looked up first, and is not sent if it is there.
   */
  async function attempt(
    events: readonly Event[],
    delivery: Delivery,
    through: Through | undefined,
    uncertain: boolean
  ): Promise<Attempt> {
    const { signal } = delivery
    if (events.length > sink.limits.maxEvents) return halve(events, delivery, through, uncertain)
    signal.throwIfAborted()
    if (!uncertain || sink.known === undefined) return send(events, delivery, through)
    try {
      const known = await orAbort(sink.known(events, signal), signal)
      const missing = events.filter(({ id }) => !known.has(id))
      const sent = missing.length === 0 ? settled : await send(missing, delivery, through)
      return { ...sent, outcome: sum(sent.outcome, { ...nothing, duplicate: events.length - missing.length }) }
    } catch (error) {
      signal.throwIfAborted()
      return { outcome: nothing, again: events, error: notLookedUp(error), uncertain: true }
    }
  }

  async function send(events: readonly Event[], delivery: Delivery, through: Through | undefined): Promise<Attempt> {
    const { signal } = delivery
    try {
      const { retry, rejected, duplicates } = await orAbort(sink.write(events, signal, through), signal)
      if (retry.length + rejected.length > 0) onRefused?.(retry.length + rejected.length)
      const dead = rejected.map(({ index, reason }) => ({ event: events[index]!, reason }))
      await bury(dead, delivery)
      const first = retry[0]
      return {
        outcome: {
          stored: events.length - retry.length - dead.length - duplicates,
          duplicate: duplicates,
          dead: dead.length
        },
        again: retry.map(({ index }) => events[index]!),
        error: first && new CulvertError('SINK_UNAVAILABLE', first.reason, { retryable: true }),
        uncertain: retry.some(({ uncertain }) => uncertain === true)
      }
    } catch (error) {
      signal.throwIfAborted()
      const thrown = asCulvertError(error, 'INTERNAL')
      if (thrown.code === 'SINK_REFUSED_BATCH' || thrown.code === 'SINK_UNAUTHORIZED') onRefused?.(events.length)
      const uncertain = thrown.code !== 'SINK_REFUSED_BATCH' && !thrown.untouched
      const failure = delivery.isolating ? blameEvent(thrown) : thrown
      if (failure.code !== 'SINK_REFUSED_BATCH') return { outcome: nothing, again: events, error: failure, uncertain }
      if (events.length > 1) return halve(events, delivery, through, uncertain)
      await bury([{ event: events[0]!, reason: failure.message }], delivery)
      return { ...settled, outcome: { ...nothing, dead: 1 } }
    }
  }

  async function halve(
    events: readonly Event[],
    delivery: Delivery,
    through: Through | undefined,
    uncertain: boolean
  ): Promise<Attempt> {
    const middle = events.length >> 1
    const left = await attempt(events.slice(0, middle), delivery, undefined, uncertain)
    const last = left.error === undefined ? through : undefined
    const right = await attempt(events.slice(middle), delivery, last, uncertain)
    return {
      outcome: sum(left.outcome, right.outcome),
      again: [...left.again, ...right.again],
      error: left.error ?? right.error,
      uncertain: left.uncertain || right.uncertain
    }
  }

  async function bury(dead: readonly Refused[], { signal, pauseAfter }: Delivery): Promise<void> {
    if (dead.length === 0) return
    for (let failures = 0; ; failures++) {
      try {
        return await deadLetters.append(dead)
      } catch (error) {
        signal.throwIfAborted()
        await pauseAfter(asCulvertError(error, 'DEAD_LETTERS_FAILING'), dead.length, failures)
      }
    }
  }

  return async (
    batch: readonly Event[],
    signal: AbortSignal,
    through: Through | undefined,
    mayBeKnown = false
  ): Promise<Outcome> => {
    let hadTrouble = false
    const pauseAfter = async (error: CulvertError, events: number, failures: number): Promise<void> => {
      if (!hadTrouble) troubled++
      hadTrouble = true
      const waitMs = waitOf(failures, error.retryAfterMs, minWaitMs, maxWaitMs)
      onRetry(error, events, waitMs)
      await pause(waitMs, undefined, { signal })
    }
    try {
      let outcome = nothing
      let pending = batch
      let mistakes = 0
      let uncertain = mayBeKnown
      for (let failures = 0; ; failures++) {
        const delivery = { signal, isolating: mistakes >= maxMistakes, pauseAfter }
        const tried = await attempt(pending, delivery, through, uncertain)
        const { error } = tried
        outcome = sum(outcome, tried.outcome)
        if (error === undefined) return outcome
        pending = tried.again
        uncertain = tried.uncertain
        mistakes = error.code === 'INTERNAL' ? mistakes + 1 : 0
        await pauseAfter(error, pending.length, failures)
      }
    } finally {
      if (hadTrouble && --troubled === 0 && !signal.aborted) onRecovered()
    }
  }
}

/**
 * A sink says all that its service does in CulvertErrors. Whatever else it throws is a mistake of ours, most likely at an event that it
 * cannot write: after so many of them on the same events the one at fault is looked for, as if the service had refused the call.
 */
const maxMistakes = 5

const blameEvent = (failure: CulvertError): CulvertError =>
  failure.code === 'INTERNAL'
    ? new CulvertError('SINK_REFUSED_BATCH', `The event cannot be written: ${failure.message}`, { cause: failure })
    : failure

/** Whatever the reason, it says nothing against the events. */
function notLookedUp(error: unknown): CulvertError {
  const { code, message, retryAfterMs } = asCulvertError(error, 'INTERNAL')
  return new CulvertError(
    code === 'SINK_UNAUTHORIZED' ? code : 'SINK_UNAVAILABLE',
    `${message} (when asked what it has already)`,
    { cause: error, retryable: true, retryAfterMs }
  )
}

const nothing: Outcome = { stored: 0, duplicate: 0, dead: 0 }
const settled: Attempt = { outcome: nothing, again: [], error: undefined, uncertain: false }

const sum = (a: Outcome, b: Outcome): Outcome => ({
  stored: a.stored + b.stored,
  duplicate: a.duplicate + b.duplicate,
  dead: a.dead + b.dead
})

/** A service that asks for a longer pause gets this one; a timer of more than 24 days would fire at once. */
export const maxRetryAfterMs = 60 * 60_000

/** Exponential with half of it jitter, never sooner than the service asked for. */
export function waitOf(
  failures: number,
  retryAfterMs: number | undefined,
  minWaitMs: number,
  maxWaitMs: number
): number {
  const full = Math.min(maxWaitMs, minWaitMs * 2 ** Math.min(failures, 16))
  return Math.max(Math.min(retryAfterMs ?? 0, maxRetryAfterMs), full / 2 + (Math.random() * full) / 2)
}

/** `code` is for what comes without one of ours. */
export const asCulvertError = (error: unknown, code: ErrorCode): CulvertError =>
  error instanceof CulvertError ? error : new CulvertError(code, messageOf(error), { cause: error, retryable: true })
