import type { Log } from './telemetry/log.ts'

/**
 * By when what is over, in ms since the signal: Cloud Foundry kills ten seconds after it.
 *
 * | until     | what                                                                                                          |
 * | --------- | ------------------------------------------------------------------------------------------------------------- |
 * | 0         | nobody is accepted any more                                                                                   |
 * | reading   | what senders have on its way is read and answered; where the journal ends with the container, nothing is      |
 * | input     | what was read is safe in the journal                                                                          |
 * | delivered | lanes deliver and commit; then requests that hang are aborted. Where the journal ends with the container, and |
 * |           | where POSTs wait for lanes, lanes read on to the journal's end, else they only settle what they have read     |
 * | lanes     | the delivery worker has counted what is left, and has ended; who did not end is left behind                   |
 * | journal   | POSTs that still wait for lanes are answered 503; the journal is closed                                       |
 * | told      | the last log line says what is left, also where not all has stopped                                            |
 * | exit      | the process has ended with code 0, whatever hangs                                                             |
 */
export const stopTimes = {
  reading: 2000,
  input: 4500,
  delivered: 8000,
  lanes: 9000,
  journal: 9300,
  told: 9350,
  exit: 9450
} as const

const stages = ['input', 'lanes', 'journal'] as const
export type StopStage = (typeof stages)[number]

interface Part {
  readonly name: string
  /** `sinceMs` is how long ago the stop began. */
  readonly stop: (sinceMs: number) => Promise<void>
}

/** What was opened, and in which order it is closed again. */
export function createStopOrder(
  log: Pick<Log, 'debug' | 'error'>,
  times: Readonly<Record<StopStage, number>> = stopTimes
) {
  const parts: Record<StopStage, Part[]> = { input: [], lanes: [], journal: [] }
  const failures: unknown[] = []
  let stopped: Promise<void> | undefined

  /** All parts together. One that takes too long is left behind: the next stage must have its time. */
  async function close(stage: StopStage, sinceMs: number): Promise<void> {
    const late = new Set(parts[stage])
    const closing = parts[stage].map(async part => {
      try {
        await part.stop(sinceMs)
      } catch (error) {
        failures.push(error)
      }
      late.delete(part)
    })
    const { promise: over, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, Math.max(0, times[stage] - sinceMs))
    await Promise.race([Promise.all(closing), over])
    clearTimeout(timer)
    if (late.size > 0) log.error({ stage, late: Array.from(late, ({ name }) => name) }, 'Not all stopped in time.')
  }

  async function run(): Promise<void> {
    const began = performance.now()
    const sinceMs = (): number => performance.now() - began
    for (const stage of stages) {
      await close(stage, sinceMs())
      log.debug({ stage, afterMs: Math.round(sinceMs()) }, 'A stage of the stop is over.')
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
