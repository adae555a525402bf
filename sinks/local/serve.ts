import { parentPort } from 'node:worker_threads'
import { CulvertError, messageOf } from '../../src/core/errors.ts'
import type { Methods, Reply, Request, Warn } from './thread.ts'

/** The thread's half of thread.ts: answers calls one after the other. */
export function serve(methods: Methods): void {
  parentPort?.on('message', ({ call, method, parameters }: Request) => {
    try {
      reply({ call, value: Reflect.apply(methods[method]!, undefined, parameters) })
    } catch (error) {
      const { code, retryable } = error instanceof CulvertError ? error : unexpected
      reply({ call, value: undefined, failure: { code, message: messageOf(error), retryable } })
    }
  })
}

/** Has the starting thread log something. */
export const warn: Warn = (fields, message) => reply({ fields, message })

const unexpected = { code: 'SINK_UNAVAILABLE', retryable: true } as const

const reply = (reply: Reply): void => parentPort?.postMessage(reply)
