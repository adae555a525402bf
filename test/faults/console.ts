import type { Agents } from './agents.ts'
import type { Lives } from './culvert.ts'

const progressMs = 15_000

export type Tell = (line: string) => void

/** What a person reads while it runs; `tell` says when, in seconds since `startClock`. */
export function createConsole() {
  let began = performance.now()
  const say: Tell = line => void process.stdout.write(`${line}\n`)
  return {
    say,
    elapsedMs: (): number => performance.now() - began,
    startClock: (): void => void (began = performance.now()),
    tell: ((line: string) =>
      say(`${((performance.now() - began) / 1000).toFixed(1).padStart(7)} s  ${line}`)) satisfies Tell
  }
}
export type Console = ReturnType<typeof createConsole>

/** Tells now and then how far things are, until the answer is called. */
export function tellProgress({ product }: Lives, agents: Agents, tell: Tell): () => void {
  async function once(): Promise<void> {
    const status = await product.status().catch(() => undefined)
    if (status === undefined) return
    const { journal, lanes } = status
    const behind = lanes.map(
      ({ name, ledger, lagBytes }) => `, ${name} has ${ledger.received} frames, ${mebibytes(lagBytes)} behind`
    )
    tell(`… journal ${journal.state}, ${mebibytes(journal.bytes)}${behind.join('')}; ${agents.refused()} POSTs refused`)
  }
  const timer = setInterval(() => void once(), progressMs)
  return () => clearInterval(timer)
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`
