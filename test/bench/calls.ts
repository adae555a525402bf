import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** What a process can be asked, by name: the argument and the answer. */
type Calls<C> = { [K in keyof C]: { readonly asks: unknown; readonly answers: unknown } }

interface Question {
  readonly id: number
  readonly name: string
  readonly argument: unknown
}

interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

/** A process of the bench's own that answers calls. It ends when this one does, in whatever way. */
export function startHelper<C extends Calls<C>>(file: URL) {
  const child: ChildProcess = fork(file, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  let nextId = 0

  child.on('message', message => {
    const { id, value, error } = message as unknown as Answer
    const call = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) call?.resolve(value as never)
    else call?.reject(new Error(error))
  })
  child.once('exit', code => {
    for (const { reject } of waiting.values()) reject(new Error(`${file.pathname} ended with ${code}.`))
    waiting.clear()
  })

  return {
    /** Rejects when there is no answer in time. */
    async call<K extends keyof C & string>(
      name: K,
      argument: C[K]['asks'],
      timeoutMs: number
    ): Promise<C[K]['answers']> {
      const id = nextId++
      const answer = new Promise<C[K]['answers']>((resolve, reject) => waiting.set(id, { resolve, reject }))
      const timer = setTimeout(() => {
        waiting.get(id)?.reject(new Error(`No answer to '${name}' within ${timeoutMs / 1000} s.`))
        waiting.delete(id)
      }, timeoutMs)
      child.send({ id, name, argument } satisfies Question)
      return answer.finally(() => clearTimeout(timer))
    },
    async stop(): Promise<void> {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.disconnect()
      const forced = setTimeout(() => child.kill('SIGKILL'), 5000)
      await gone
      clearTimeout(forced)
    }
  }
}

export type Helper<C extends Calls<C>> = ReturnType<typeof startHelper<C>>

/** The other side of `startHelper`: answers calls until the parent is gone. */
export function answerCalls<C extends Calls<C>>(
  handlers: {
    [K in keyof C]: (argument: C[K]['asks']) => C[K]['answers'] | Promise<C[K]['answers']>
  }
): void {
  process.on('message', async message => {
    const { id, name, argument } = message as Question
    const answer: Answer = await Promise.resolve()
      .then(() => handlers[name as keyof C](argument))
      .then(
        value => ({ id, value }),
        (error: unknown) => ({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
      )
    process.send?.(answer)
  })
  process.on('disconnect', () => process.exit())
}
