import { CulvertError } from '../../src/core/errors.ts'
import { type Methods, startThread, type Thread, type Warn } from './thread.ts'

/** Calls that wait for the one being answered; more are refused. */
const maxWaiting = 100

export type DeadlineThread<M extends Methods> = ReturnType<typeof createDeadlineThread<M>>

/**
 * A thread that answers one call after the other, each within `deadlineMs` from when it was made. A call that takes longer rejects
 * with QUERY_DEADLINE; the thread is given up and the next call gets a new one. Started by the first call.
 */
export function createDeadlineThread<M extends Methods>(
  module: URL,
  workerData: unknown,
  deadlineMs: number,
  warn: Warn
) {
  let thread: Thread<M> | undefined
  let turn: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let stopped = false

  const tooLong = () => new CulvertError('QUERY_DEADLINE', `No answer within ${deadlineMs} ms.`)

  function giveUp(): void {
    // SQLite finishes the step it is in; nobody waits for that.
    thread?.terminate().catch(error => warn({ error }, 'A thread of the local store did not end.'))
    thread = undefined
  }

  async function answer<T>(until: number, ask: (thread: Thread<M>, withinMs: number) => Promise<T>): Promise<T> {
    const withinMs = until - performance.now()
    if (withinMs <= 0 || stopped) throw tooLong()
    if (thread === undefined || thread.ended) thread = startThread<M>(module, workerData, warn)
    const { promise, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      reject(tooLong())
      giveUp()
    }, withinMs)
    try {
      return await Promise.race([ask(thread, withinMs), promise])
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    async call<T>(ask: (thread: Thread<M>, withinMs: number) => Promise<T>): Promise<T> {
      if (waiting === maxWaiting) throw new CulvertError('QUERY_DEADLINE', 'Too many searches are waiting.')
      const until = performance.now() + deadlineMs
      waiting++
      const mine = turn.then(() => answer(until, ask))
      turn = mine.catch(() => {})
      try {
        return await mine
      } finally {
        waiting--
      }
    },
    /** Ends the thread; calls still waiting reject. */
    async stop(): Promise<void> {
      stopped = true
      const last = thread
      thread = undefined
      await last?.terminate()
    }
  }
}
