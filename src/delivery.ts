import { Worker } from 'node:worker_threads'
import type { DeadLetterQuery, PutBackStep } from './core/dead-letter.ts'
import { CulvertError } from './core/errors.ts'
import type { LogRow } from './core/plain.ts'
import type { LaneStatus, LogFilter } from './core/status.ts'
import type { FromWorker, ToWorker, WorkerStart } from './delivery-messages.ts'
import type { MainJournal } from './journal/journal.ts'
import type { RateIncrement } from './rates.ts'
import type { Log } from './telemetry/log.ts'

export interface DeliveryOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly journal: MainJournal
  readonly log: Log
  readonly onRates: (increments: readonly RateIncrement[]) => void
}

/** `dropped` counts rows that fitted and were too many to hand on. */
type OnRows = (rows: readonly LogRow[], dropped: number) => void

const minRestartMs = 500
const maxRestartMs = 30_000
/** A worker gets so long beyond its deadline before it is ended. */
const graceMs = 1000

const notDelivering = (): CulvertError =>
  new CulvertError('SINK_UNAVAILABLE', 'Nothing is delivered at the moment.', { retryable: true })

/**
 * The delivery worker seen from the main thread: it is told what is new in the journal, and tells what was committed. A worker
 * that dies is started again with backoff; its lanes go on at their cursors.
 */
export function createDelivery({ env, journal, log, onRates }: DeliveryOptions) {
  let worker: Worker | undefined
  let lanes: readonly LaneStatus[] = []
  let sources = 0
  const marks: Record<string, number> = {}
  let failures = 0
  let problem: string | undefined = 'the delivery worker is starting'
  let stopping = false
  let stopped: (() => void) | undefined
  let restart: NodeJS.Timeout | undefined
  let nextWatcher = 0
  let nextPutBack = 0
  const puttingBack = new Map<number, PromiseWithResolvers<PutBackStep>>()
  const watchers = new Map<number, { readonly filter: LogFilter; readonly onRows: OnRows }>()

  const tell = (message: ToWorker): void => worker?.postMessage(message)

  function hear(message: FromWorker): void {
    if (message.type === 'committed') journal.committed(message.lane, message.partition, message.offset)
    else if (message.type === 'rows') watchers.get(message.id)?.onRows(message.rows, message.dropped)
    else if (message.type === 'put-back') puttingBack.get(message.id)?.resolve(message.step)
    else if (message.type === 'put-back-failed')
      puttingBack.get(message.id)?.reject(new CulvertError(message.code, message.message, { retryable: true }))
    else if (message.type === 'stopped') stopped?.()
    else {
      lanes = message.lanes
      sources = message.sources
      for (const [mark, count] of Object.entries(message.marks)) marks[mark] = (marks[mark] ?? 0) + count
      problem = undefined
      failures = 0
      onRates(message.rates)
    }
  }

  function launch(): void {
    const workerData: WorkerStart = { env, ends: journal.ends() }
    const started = new Worker(new URL('./delivery-worker.ts', import.meta.url), { workerData, name: 'delivery' })
    worker = started
    started.on('message', hear)
    started.on('error', error => {
      problem = `the delivery worker failed: ${error instanceof Error ? error.message : String(error)}`
      log.error({ err: error }, 'The delivery worker failed and is started again; nothing acknowledged is lost.')
    })
    started.on('exit', () => {
      if (worker !== started) return
      worker = undefined
      for (const { reject } of puttingBack.values()) reject(notDelivering())
      if (stopping) {
        stopped?.()
        return
      }
      problem ??= 'the delivery worker ended'
      restart = setTimeout(launch, Math.min(maxRestartMs, minRestartMs * 2 ** failures++))
    })
    for (const [id, { filter }] of watchers) tell({ type: 'watch', id, filter })
  }

  return {
    start(): void {
      journal.onEnd(end => tell({ type: 'end', end }))
      journal.onSkip((lane, partition, to) => tell({ type: 'skip', lane, partition, to }))
      launch()
    },

    /** Hands on rows that fit, from now on, until the returned function is called. */
    subscribe(filter: LogFilter, onRows: OnRows): () => void {
      const id = nextWatcher++
      watchers.set(id, { filter, onRows })
      tell({ type: 'watch', id, filter })
      return () => {
        watchers.delete(id)
        tell({ type: 'unwatch', id })
      }
    },

    /**
     * Gives dead letters to the stores that refused them, a bounded number: see dead-letters/put-back.ts. Rejects with SINK_UNAVAILABLE too
     * where nothing is delivered now.
     */
    async putBack(query: DeadLetterQuery): Promise<PutBackStep> {
      if (worker === undefined || stopping) throw notDelivering()
      const id = nextPutBack++
      const settled = Promise.withResolvers<PutBackStep>()
      puttingBack.set(id, settled)
      tell({ type: 'put-back', id, query })
      try {
        return await settled.promise
      } finally {
        puttingBack.delete(id)
      }
    },

    /** `problem` says why nothing is delivered at all, if so. */
    status(): {
      readonly lanes: readonly LaneStatus[]
      readonly sources: number
      readonly marks: Readonly<Record<string, number>>
      readonly problem: string | undefined
    } {
      return { lanes, sources, marks: { ...marks }, problem }
    },

    /** Lanes settle and commit what is on its way for at most `deadlineMs`; the rest waits in the journal. Safe twice. */
    async stop(deadlineMs: number): Promise<void> {
      if (stopping) return
      stopping = true
      clearTimeout(restart)
      const ending = worker
      if (ending === undefined) return
      const done = new Promise<void>(resolve => {
        stopped = resolve
      })
      tell({ type: 'stop', deadlineMs })
      const timer = setTimeout(() => stopped?.(), deadlineMs + graceMs)
      await done
      clearTimeout(timer)
      await ending.terminate()
    }
  }
}
export type Delivery = ReturnType<typeof createDelivery>
