import type { Sink } from './core/contract.ts'
import { CulvertError } from './core/errors.ts'
import type { Event } from './core/event.ts'
import { createAttempts } from './delivery-attempts.ts'

export interface Delivered {
  readonly stored: number
  readonly duplicate: number
  /** What the store blames, and why: no dead letters are written. */
  readonly refused: ReadonlyMap<Event, string>
}

/**
 * For what a person asked for, besides the lane: writes events as a lane does, asking first what the store has already, but no longer
 * than `timeoutMs`. Resolves when the store has said yes or no to each. Throws SINK_UNAVAILABLE or SINK_UNAUTHORIZED: then nobody knows what
 * of them it has, and they may be given again.
 */
export async function deliverOnce(
  sink: Sink,
  events: readonly Event[],
  { timeoutMs, stopping, what }: { timeoutMs: number; stopping: AbortSignal; what: string }
): Promise<Delivered> {
  const refused = new Map<Event, string>()
  let trouble: CulvertError | undefined
  const deliver = createAttempts({
    sink,
    deadLetters: {
      append: async again => {
        for (const { event, reason } of again) refused.set(event, reason)
      }
    },
    onRetry: error => {
      trouble = error
    },
    onRecovered: () => {}
  })
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(timeoutMs)])
  const { stored, duplicate } = await deliver(events, signal, undefined, true).catch(cause => {
    throw new CulvertError(
      trouble?.code === 'SINK_UNAUTHORIZED' ? trouble.code : 'SINK_UNAVAILABLE',
      `The store did not take ${what}: ${trouble?.message ?? 'it did not answer in time'}`,
      { cause, retryable: true }
    )
  })
  return { stored, duplicate, refused }
}
