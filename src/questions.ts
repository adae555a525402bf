/** What the main thread has asked the delivery worker, until it is answered; ids are those of the messages. */
export function createQuestions<Answer>() {
  const open = new Map<number, PromiseWithResolvers<Answer>>()
  return {
    /** Resolves with the answer to what `send` sends, rejects with what is wrong. */
    async ask(id: number, send: () => void): Promise<Answer> {
      const settled = Promise.withResolvers<Answer>()
      open.set(id, settled)
      send()
      try {
        return await settled.promise
      } finally {
        open.delete(id)
      }
    },
    answered: (id: number, answer: Answer): void => open.get(id)?.resolve(answer),
    failed: (id: number, error: Error): void => open.get(id)?.reject(error),
    /** Nobody will answer any more. */
    drop(error: Error): void {
      for (const { reject } of open.values()) reject(error)
    }
  }
}
export type Questions<Answer> = ReturnType<typeof createQuestions<Answer>>
