import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { monotonicMicros } from './clock.ts'
import type { Product } from './product.ts'

const pollMs = 50
const timeoutMs = 120_000

const status = z.object({
  listeners: z.array(z.object({ frames: z.number() })),
  journal: z.object({ partitions: z.array(z.object({ end: z.number() })) })
})

/** Waits until the product has taken so many frames and its journal's end rests. Answers when (µs) it was first seen there. */
export async function journalled(product: Product, frames: number, offset: number): Promise<{ at: number }> {
  let end = -1
  let at = 0
  for (const until = Date.now() + timeoutMs; Date.now() < until; await delay(pollMs)) {
    const { listeners, journal } = status.parse(await product.status())
    const taken = listeners.reduce((sum, listener) => sum + listener.frames, 0)
    const now = journal.partitions.reduce((sum, partition) => sum + partition.end, 0)
    if (taken >= frames && now === end) return { at }
    if (now !== end) at = monotonicMicros() + offset
    end = now
  }
  throw new Error(`The journal did not take ${frames} frames within ${timeoutMs / 1000} s.`)
}
