import { type ResourceLimits, Worker } from 'node:worker_threads'
import type { DeadLetterQuery, PutBackStep } from './core/dead-letter.ts'
import { CulvertError, messageOf } from './core/errors.ts'
import type { LostBefore } from './core/losses.ts'
import type { LogRow } from './core/plain.ts'
import type { ReplayQuery, ReplayRange, ReplayStep, ReplayStepQuery } from './core/replay.ts'
import type { LaneStatus, LogFilter, ProcessorStatus, WorkerStatus } from './core/status.ts'
import { type FromWorker, sharedNow, type ToWorker, type WorkerStart } from './delivery-messages.ts'
import type { MainJournal } from './journal/journal.ts'
import { joinBooks } from './losses/join-books.ts'
import { addProcessors } from './processor-counter.ts'
import { createQuestions, type Questions } from './questions.ts'
import type { RateIncrement } from './rates.ts'
import type { Log } from './telemetry/log.ts'
import type { FramesLeft } from './undelivered.ts'

export interface DeliveryOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly journal: MainJournal
  readonly log: Log
  /** A lane has committed; the journal knows it already. */
  readonly onCommitted: (lane: string, partition: number, offset: number) => void
  readonly onRates: (increments: readonly RateIncrement[]) => void
  readonly worker?: WorkerSetting | undefined
}

/** What runs as the worker, within which heap (Node's limits where none are given), and the first pause before it runs again. */
export interface WorkerSetting {
  readonly module: URL
  readonly resourceLimits?: ResourceLimits
  readonly minRestartMs?: number
}

/** Half of V8's own young generation: between two scavenges fewer chunks of the journal wait that nobody needs any more. Measured in 019. */
const maxYoungGenerationSizeMb = 24

const deliveryWorker: WorkerSetting = {
  module: new URL('./delivery-worker.ts', import.meta.url),
  resourceLimits: { maxYoungGenerationSizeMb }
}

/** `dropped` counts rows that fitted and were too many to hand on. */
type OnRows = (rows: readonly LogRow[], dropped: number) => void

const maxRestartMs = 30_000
/** A worker that lived so long was well: the next pause is the shortest again. */
const steadyMs = 60_000
/** A worker gets so long beyond its deadline before it is ended: it counts what is left. */
const graceMs = 850

const notDelivering = (): CulvertError =>
  new CulvertError('SINK_UNAVAILABLE', 'Nothing is delivered at the moment.', { retryable: true })

/**
 * The delivery worker seen from the main thread: it is told what is new in the journal, and tells what was committed. A worker
 * that dies (an error that nobody caught, no memory left) is started again with backoff; its lanes go on at their cursors.
 */
export function createDelivery(options: DeliveryOptions) {
  const { env, journal, log, onRates, onCommitted, worker: setting = deliveryWorker } = options
  let worker: Worker | undefined
  let lanes: readonly LaneStatus[] = []
  let sources = 0
  let decodedBytes = 0
  const losses = new Map<number, LostBefore>()
  const marks: Record<string, number> = {}
  let processors: readonly ProcessorStatus[] = []
  /** Deaths, each soon after the one before. */
  let failures = 0
  let restarts = 0
  let lastFailure: WorkerStatus['lastFailure']
  let problem: string | undefined = 'the delivery worker is starting'
  let stopping = false
  let stopped: ((left?: readonly FramesLeft[]) => void) | undefined
  let restart: NodeJS.Timeout | undefined
  let nextWatcher = 0
  let nextQuestion = 0
  const putBacks = createQuestions<PutBackStep>()
  const replayRanges = createQuestions<ReplayRange>()
  const replaySteps = createQuestions<ReplayStep>()
  const restarted = createQuestions<void>()
  const questions = [putBacks, replayRanges, replaySteps, restarted]
  const watchers = new Map<number, { readonly filter: LogFilter; readonly onRows: OnRows }>()

  const { module, resourceLimits = {}, minRestartMs = 500 } = setting
  const tell = (message: ToWorker): void => worker?.postMessage(message)

  function hear(message: FromWorker): void {
    if (message.type === 'committed') {
      journal.committed(message.lane, message.partition, message.offset)
      onCommitted(message.lane, message.partition, message.offset)
    } else if (message.type === 'damaged') journal.damaged(message.stretch)
    else if (message.type === 'losses') losses.set(message.partition, message.book)
    else if (message.type === 'rows') watchers.get(message.id)?.onRows(message.rows, message.dropped)
    else if (message.type === 'put-back') putBacks.answered(message.id, message.step)
    else if (message.type === 'replay-range') replayRanges.answered(message.id, message.range)
    else if (message.type === 'replay-step') replaySteps.answered(message.id, message.step)
    else if (message.type === 'restarted') restarted.answered(message.id)
    else if (message.type === 'failed') {
      const error = new CulvertError(message.code, message.message, { retryable: true })
      for (const { failed } of questions) failed(message.id, error)
    } else if (message.type === 'stopped') stopped?.(message.left)
    else {
      lanes = message.lanes
      sources = message.sources
      decodedBytes = message.decodedBytes
      for (const [mark, count] of Object.entries(message.marks)) marks[mark] = (marks[mark] ?? 0) + count
      processors = addProcessors(processors, message.processors)
      onRates(message.rates)
    }
  }

  function launch(): void {
    const workerData: WorkerStart = { env, ends: journal.ends() }
    const started = new Worker(module, { workerData, name: 'delivery', resourceLimits })
    const startedAt = performance.now()
    let thrown: unknown
    worker = started
    started.on('message', (message: FromWorker) => {
      if (message.type === 'status' && thrown === undefined) problem = undefined
      hear(message)
    })
    started.on('error', error => {
      thrown = error
    })
    started.on('exit', code => {
      if (worker !== started) return
      worker = undefined
      for (const { drop } of questions) drop(notDelivering())
      if (stopping) {
        stopped?.()
        return
      }
      if (performance.now() - startedAt >= steadyMs) failures = 0
      died(thrown ?? new Error(`it ended with code ${code}`))
    })
    for (const [id, { filter }] of watchers) tell({ type: 'watch', id, filter })
  }

  /** Rejects with SINK_UNAVAILABLE too where nothing is delivered now. */
  async function ask<A>(of: Questions<A>, question: (id: number) => ToWorker): Promise<A> {
    if (worker === undefined || stopping) throw notDelivering()
    const id = nextQuestion++
    return of.ask(id, () => tell(question(id)))
  }

  /** What it had on its way is not committed, and will be read again. */
  function died(error: unknown): void {
    const waitMs = Math.min(maxRestartMs, minRestartMs * 2 ** failures++)
    const message = messageOf(error)
    restarts++
    lastFailure = { message, at: Date.now() }
    problem = `the delivery worker failed and is started again: ${message}`
    lanes = lanes.map(lane => ({ ...lane, state: 'starting', inFlight: 0 }))
    log.error(
      { err: error, restarts, waitMs },
      'The delivery worker failed and is started again; nothing acknowledged is lost.'
    )
    restart = setTimeout(launch, waitMs)
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

    /** Gives dead letters to the stores that refused them, a bounded number: see dead-letters/put-back.ts. */
    putBack: (query: DeadLetterQuery): Promise<PutBackStep> => ask(putBacks, id => ({ type: 'put-back', id, query })),

    /** Stops the lanes of a name at a commit and starts them anew, with a new sink; resolves when they have started. Rejects with NOT_FOUND. */
    restartLane: (lane: string): Promise<void> => ask(restarted, id => ({ type: 'restart-lane', id, lane })),

    /** What the journal holds for a replay, and a step of it: see replay/steps.ts. */
    replayRange: (query: ReplayQuery): Promise<ReplayRange> =>
      ask(replayRanges, id => ({ type: 'replay-range', id, query })),
    replayStep: (query: ReplayStepQuery): Promise<ReplayStep> =>
      ask(replaySteps, id => ({ type: 'replay-step', id, query })),

    /** What was lost before us, by all partitions' books. */
    lostBefore: (): LostBefore => joinBooks([...losses.values()]),

    /** `problem` says why nothing is delivered at all, if so. */
    status(): {
      readonly lanes: readonly LaneStatus[]
      readonly sources: number
      readonly decodedBytes: number
      readonly marks: Readonly<Record<string, number>>
      readonly processors: readonly ProcessorStatus[]
      readonly problem: string | undefined
      readonly worker: WorkerStatus
    } {
      const worker = { restarts, ...(lastFailure === undefined ? {} : { lastFailure }) }
      return { lanes, sources, decodedBytes, marks: { ...marks }, processors, problem, worker }
    },

    /**
     * Lanes settle and commit what is on its way for at most `deadlineMs`, with `readOn` all that the journal has; the rest waits there.
     * Answers how much that is, as far as there was time to count. Safe twice.
     */
    async stop(deadlineMs: number, readOn = false): Promise<readonly FramesLeft[]> {
      if (stopping) return []
      stopping = true
      clearTimeout(restart)
      if (worker === undefined && readOn) launch()
      const ending = worker
      if (ending === undefined) return []
      const done = new Promise<readonly FramesLeft[]>(resolve => {
        stopped = (left = []) => resolve(left)
      })
      tell({ type: 'stop', deadline: sharedNow() + deadlineMs, readOn })
      const timer = setTimeout(() => stopped?.(), deadlineMs + graceMs)
      const left = await done
      clearTimeout(timer)
      await ending.terminate()
      return left
    }
  }
}
export type Delivery = ReturnType<typeof createDelivery>
