import type { Log } from './telemetry/log.ts'

/**
 * The stages of a stop, in order, and by when each is over, in ms since the stop began: Cloud Foundry kills ten seconds after SIGTERM.
 * Input takes what is on its way and closes, lanes deliver and commit, the journal closes.
 */
export const stopStages = { input: 4500, lanes: 9000, journal: 9500 } as const
export type StopStage = keyof typeof stopStages

interface Part {
  readonly name: string
  /** `leftMs` is what is left of the stage. */
  readonly stop: (leftMs: number) => Promise<void>
}

/** What was opened, and in which order it is closed again. */
export function createStopOrder(
  log: Pick<Log, 'debug' | 'error'>,
  stages: Readonly<Record<StopStage, number>> = stopStages
) {
  const parts: Record<StopStage, Part[]> = { input: [], lanes: [], journal: [] }
  const failures: unknown[] = []
  let stopped: Promise<void> | undefined

  /** All parts together. One that takes too long is left behind: the next stage must have its time. */
  async function close(stage: StopStage, leftMs: number): Promise<void> {
    const late = new Set(parts[stage])
    const closing = parts[stage].map(async part => {
      try {
        await part.stop(leftMs)
      } catch (error) {
        failures.push(error)
      }
      late.delete(part)
    })
    const { promise: over, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, leftMs)
    await Promise.race([Promise.all(closing), over])
    clearTimeout(timer)
    if (late.size > 0) log.error({ stage, late: Array.from(late, ({ name }) => name) }, 'Not all stopped in time.')
  }

  async function run(): Promise<void> {
    const began = performance.now()
    for (const stage of ['input', 'lanes', 'journal'] as const) {
      await close(stage, Math.max(0, stages[stage] - (performance.now() - began)))
      log.debug({ stage, afterMs: Math.round(performance.now() - began) }, 'A stage of the stop is over.')
    }
    if (failures.length > 0) throw failures[0]
  }

  return {
    add(stage: StopStage, name: string, stop: Part['stop']): void {
      parts[stage].push({ name, stop })
    },
    /** Safe to call twice. Rejects with the first failure, when all stages are over. */
    run: (): Promise<void> => (stopped ??= run())
  }
}
