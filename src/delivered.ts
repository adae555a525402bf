import type { Position } from './core/contract.ts'
import { CulvertError } from './core/errors.ts'

/** POSTs that wait at once; one more is told at once that it is not delivered. */
export const maxWaiting = 10_000
/** From a POST's arrival to its answer: the platform's agent waits 20 s for one (https.go). */
const deliveryTimeoutMs = 15_000

export interface DeliveredOptions {
  /** Names of the lanes that count: all that are configured. */
  readonly lanes: readonly string[]
  readonly maxWaiting?: number
  readonly timeoutMs?: number | undefined
}

interface Waiting {
  readonly ends: readonly Position[]
  settle(error?: CulvertError): void
}

/** Knows how far every lane has committed, and tells who waits for it (`acknowledge: 'delivered'`). */
export function createDelivered(options: DeliveredOptions) {
  const { lanes, timeoutMs = deliveryTimeoutMs } = options
  const most = options.maxWaiting ?? maxWaiting
  const cursors = new Map<number, Map<string, number>>()
  const waiting = new Set<Waiting>()
  let stopping = false

  const has = (lane: string, { partition, offset }: Position): boolean =>
    (cursors.get(partition)?.get(lane) ?? -1) >= offset

  const isDelivered = (ends: readonly Position[]): boolean => ends.every(end => lanes.every(lane => has(lane, end)))

  function notYet(ends: readonly Position[], why: string): CulvertError {
    const missing = lanes.filter(lane => !ends.every(end => has(lane, end)))
    return new CulvertError('NOT_DELIVERED', `${why}: ${missing.join(', ')}.`, { retryable: true })
  }

  return {
    /** How many POSTs wait, and whether that is all there may be. */
    get waiting() {
      return waiting.size
    },
    get full() {
      return waiting.size >= most
    },

    committed(lane: string, partition: number, offset: number): void {
      const inPartition = cursors.get(partition) ?? new Map<string, number>()
      cursors.set(partition, inPartition.set(lane, offset))
      for (const { ends, settle } of waiting) if (isDelivered(ends)) settle()
    },

    /** How far a lane has committed; undefined until it has said so. */
    cursor: (lane: string, partition: number): number | undefined => cursors.get(partition)?.get(lane),

    /**
     * Resolves when every lane has committed what ends at these positions. Rejects with NOT_DELIVERED when that takes longer than 15 s
     * since `since` (performance.now()), when too many wait, when we stop, and when `gone` aborts: nobody waits any more.
     */
    until(ends: readonly Position[], since: number, gone: AbortSignal): Promise<void> {
      if (isDelivered(ends)) return Promise.resolve()
      if (stopping) return Promise.reject(notYet(ends, 'Culvert stops, and not every lane has delivered this'))
      if (waiting.size >= most) return Promise.reject(notYet(ends, 'Too many wait for lanes to deliver'))
      return new Promise((resolve, reject) => {
        const forget = (): void => entry.settle(notYet(ends, 'The sender did not wait for'))
        const late = (): void => entry.settle(notYet(ends, `Not delivered within ${timeoutMs / 1000} s by`))
        const timer = setTimeout(late, Math.max(0, since + timeoutMs - performance.now()))
        const entry: Waiting = {
          ends,
          settle(error) {
            waiting.delete(entry)
            clearTimeout(timer)
            gone.removeEventListener('abort', forget)
            if (error === undefined) resolve()
            else reject(error)
          }
        }
        waiting.add(entry)
        gone.addEventListener('abort', forget)
        if (gone.aborted) forget()
      })
    },

    /** No lane goes on: whoever waits is told so, and whoever comes. */
    stop(): void {
      stopping = true
      for (const { ends, settle } of waiting)
        settle(notYet(ends, 'Culvert stops, and not every lane has delivered this'))
    }
  }
}
export type Delivered = ReturnType<typeof createDelivered>
