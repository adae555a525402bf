import { EventEmitter } from 'node:events'
import { Worker } from 'node:worker_threads'
import { CulvertError, type ErrorCode, messageOf } from '../../src/core/errors.ts'

/** What a thread does on request: synchronous functions whose arguments and results can be cloned. */
export type Methods = Record<string, (...parameters: never[]) => unknown>

/** Our log, or a thread's word for it: an event with its fields, a past-tense sentence. */
export type Warn = (fields: Readonly<Record<string, unknown>>, message: string) => void

export interface Request {
  readonly call: number
  readonly method: string
  readonly parameters: readonly unknown[]
}

/** The answer to a call, or something to log. */
export type Reply =
  | { readonly call: number; readonly value: unknown; readonly failure?: Failure }
  | { readonly fields: Readonly<Record<string, unknown>>; readonly message: string }

export interface Failure {
  readonly code: ErrorCode
  readonly message: string
  readonly retryable: boolean
}

export interface Thread<M extends Methods> {
  /** Rejects with the CulvertError that the method threw, or with SINK_UNAVAILABLE when the thread ended before it answered. */
  call<K extends keyof M & string>(method: K, ...parameters: Parameters<M[K]>): Promise<ReturnType<M[K]>>
  /** Whether it ended: by `terminate`, or because something went wrong in it. */
  readonly ended: boolean
  /** At once, except that a call into SQLite is waited for. */
  terminate(): Promise<void>
}

/** Starts a thread whose module serves `M` (serve.ts). It keeps the process alive only while it is asked something. */
export function startThread<M extends Methods>(module: URL, workerData: unknown, warn: Warn): Thread<M> {
  const worker = new Worker(module, { workerData })
  const answers = new EventEmitter()
  answers.setMaxListeners(0)
  let calls = 0
  let ended = false

  function end(cause: unknown): void {
    if (ended) return
    ended = true
    for (const call of answers.eventNames()) answers.emit(call, gone(cause))
  }

  worker.on('message', (reply: Reply) => {
    if ('fields' in reply) return warn(reply.fields, reply.message)
    const { failure, value } = reply
    answers.emit(String(reply.call), failure && new CulvertError(failure.code, failure.message, failure), value)
    if (answers.eventNames().length === 0) worker.unref()
  })
  worker.on('error', end)
  worker.on('exit', code => end(new Error(`exit code ${code}`)))
  worker.unref()

  return {
    call: (method, ...parameters) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(gone(undefined))
        const request: Request = { call: calls++, method, parameters }
        answers.once(String(request.call), (error, value) => (error === undefined ? resolve(value) : reject(error)))
        worker.ref()
        worker.postMessage(request)
      }),
    get ended() {
      return ended
    },
    async terminate() {
      end(new Error('it was stopped'))
      await worker.terminate()
    }
  }
}

const gone = (cause: unknown): CulvertError =>
  new CulvertError('SINK_UNAVAILABLE', `The local store’s thread ended: ${messageOf(cause ?? 'it was stopped')}.`, {
    cause,
    retryable: true
  })
