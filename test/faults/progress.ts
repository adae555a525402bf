import { setTimeout as delay } from 'node:timers/promises'
import type { Status } from '../../src/core/status.ts'
import type { Agents } from './agents.ts'
import type { Tell } from './console.ts'
import type { Lives } from './culvert.ts'

const pollMs = 250
const tellMs = 15_000

/** How far Culvert's lanes are; nothing is known while it is down. */
export function createProgress({ product }: Lives) {
  const ask = (): Promise<Status | undefined> => product.status().catch(() => undefined)

  /** Frames that each lane has settled. */
  async function settledBy(lanes: readonly string[]): Promise<Map<string, { settled: number; waits: boolean }>> {
    const all = (await ask())?.lanes ?? []
    return new Map(
      all
        .filter(({ name }) => lanes.includes(name))
        .map(({ name, ledger, lagBytes }) => [name, { settled: ledger.received, waits: lagBytes > 0 }])
    )
  }

  return {
    of(lanes: readonly string[]) {
      const before = new Map<string, number>()
      return {
        /** Resolves when each of these lanes has settled something since the last time, or has nothing to do, or when that takes too long. */
        async delivering(maxMs: number): Promise<void> {
          const until = Date.now() + maxMs
          for (;;) {
            const now = await settledBy(lanes)
            const moved = ([name, { settled, waits }]: [string, { settled: number; waits: boolean }]): boolean =>
              settled > (before.get(name) ?? 0) || (settled > 0 && !waits)
            const enough = now.size === lanes.length && Array.from(now).every(moved)
            if (enough) for (const [name, { settled }] of now) before.set(name, settled)
            if (enough || Date.now() > until) return
            await delay(pollMs)
          }
        }
      }
    },

    /** Says now and then how far things are, until the answer is called. */
    tell(agents: Agents, tell: Tell): () => void {
      async function once(): Promise<void> {
        const status = await ask()
        if (status === undefined) return
        const { journal, lanes } = status
        const behind = lanes.map(
          ({ name, ledger, lagBytes }) => `, ${name} has ${ledger.received} frames, ${mebibytes(lagBytes)} behind`
        )
        tell(
          `… journal ${journal.state}, ${mebibytes(journal.bytes)}${behind.join('')}; ${agents.refused()} POSTs refused`
        )
      }
      const timer = setInterval(() => void once(), tellMs)
      return () => clearInterval(timer)
    }
  }
}
export type Progress = ReturnType<typeof createProgress>

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`
