/** Promises that a test settles itself, in the order in which they were asked for. */
export function createGate<T>() {
  const asked: PromiseWithResolvers<T>[] = []
  let more = Promise.withResolvers<void>()
  return {
    ask(): Promise<T> {
      const one = Promise.withResolvers<T>()
      asked.push(one)
      more.resolve()
      more = Promise.withResolvers()
      return one.promise
    },
    /** The nth that was asked for, as soon as it was. */
    async nth(n: number): Promise<PromiseWithResolvers<T>> {
      while (asked[n] === undefined) await more.promise
      return asked[n]
    },
    get asked(): number {
      return asked.length
    }
  }
}
