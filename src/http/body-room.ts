import type { MemoryShare } from '../core/status.ts'

/** How long a POST waits for room before it is answered with 503; its sender repeats it later. */
const defaultWaitMs = 1000
/** POSTs that wait at once; each holds what its connection has read already. */
const maxWaiting = 1000

interface Waiting {
  readonly bytes: number
  readonly settle: (taken: boolean) => void
}

/** The memory that the bodies of all POSTs share; those that find none wait a short time, in order. */
export function createBodyRoom(maxBytes: number, waitMs = defaultWaitMs) {
  const queue = new Set<Waiting>()
  let usedBytes = 0
  let waits = 0

  const fits = (bytes: number): boolean => usedBytes + bytes <= maxBytes

  function goOn(): void {
    for (const waiting of queue) {
      if (!fits(waiting.bytes)) return
      usedBytes += waiting.bytes
      waiting.settle(true)
    }
  }

  return {
    /** Answers whether `bytes` were taken; give them back. */
    async take(bytes: number): Promise<boolean> {
      if (queue.size === 0 && fits(bytes)) {
        usedBytes += bytes
        return true
      }
      if (bytes > maxBytes || queue.size >= maxWaiting) return false
      waits++
      return new Promise(resolve => {
        const settle = (taken: boolean): void => {
          clearTimeout(late)
          queue.delete(waiting)
          void resolve(taken)
        }
        const waiting: Waiting = { bytes, settle }
        const late = setTimeout(() => {
          settle(false)
          goOn()
        }, waitMs)
        queue.add(waiting)
      })
    },

    give(bytes: number): void {
      usedBytes -= bytes
      goOn()
    },

    status: (): MemoryShare => ({ usedBytes, maxBytes, waiting: queue.size, waits })
  }
}
export type BodyRoom = ReturnType<typeof createBodyRoom>
