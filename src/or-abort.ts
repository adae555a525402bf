/** The promise, or a rejection as soon as the signal aborts; the promise itself goes on for others. */
export function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    signal.addEventListener('abort', abort)
    const done = (): void => signal.removeEventListener('abort', abort)
    promise.then(resolve, reject).then(done, done)
    if (signal.aborted) abort()
  })
}
