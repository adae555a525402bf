import { useCallback, useEffect, useRef, useState } from 'preact/hooks'

export interface Polled<T> {
  /** The last answer; stays through errors. */
  readonly value: T | undefined
  /** Why the last call failed; undefined after a success. */
  readonly error: unknown
  /** When `value` came, ms since 1970. */
  readonly at: number
  reload(): void
}

/** Calls `load` now, again every `everyMs` while the page is in view, and at once when `key` changes. */
export function usePoll<T>(load: (signal: AbortSignal) => Promise<T>, everyMs: number, key = ''): Polled<T> {
  const [state, setState] = useState<Omit<Polled<T>, 'reload'>>({ value: undefined, error: undefined, at: 0 })
  const [turn, setTurn] = useState(0)
  const latest = useRef(load)
  latest.current = load
  const reload = useCallback(() => setTurn(before => before + 1), [])

  useEffect(() => {
    const abort = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined

    async function run(): Promise<void> {
      timer = undefined
      try {
        const value = await latest.current(abort.signal)
        if (!abort.signal.aborted) setState({ value, error: undefined, at: Date.now() })
      } catch (error) {
        if (!abort.signal.aborted) setState(before => ({ ...before, error }))
      }
      if (!abort.signal.aborted && !document.hidden) timer = setTimeout(start, everyMs)
    }
    const start = () => void run()
    const onVisible = () => {
      if (!document.hidden && timer === undefined) start()
    }
    document.addEventListener('visibilitychange', onVisible)
    start()
    return () => {
      abort.abort()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', onVisible)
    }
  }, [everyMs, key, turn])

  return { ...state, reload }
}
