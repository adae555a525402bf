import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { LogRow } from '../../core/plain.ts'
import type { LogFilter } from '../../core/status.ts'
import { useApi } from '../api-context.ts'
import { rangeOf } from './time-range.ts'

const pageLines = 200
/** So many lines are kept in the browser; whoever wants more narrows the range. */
export const maxLines = 20_000

export interface Search {
  readonly rows: readonly LogRow[]
  readonly state: 'loading' | 'more' | 'end' | 'full' | 'failed'
  readonly error: unknown
  /** Gets the next older page, if there is one. */
  more(): void
  again(): void
}

/** Runs a search whenever its parameters change, and gets older pages on demand. */
export function useSearch(filter: LogFilter, params: Readonly<Record<string, string>>): Search {
  const api = useApi()
  const [turn, setTurn] = useState(0)
  const [state, setState] = useState<Pick<Search, 'rows' | 'state' | 'error'>>({
    rows: [],
    state: 'loading',
    error: undefined
  })
  const next = useRef<() => void>(() => {})
  const key = JSON.stringify([filter, params.from, params.to, params.range])

  useEffect(() => {
    const abort = new AbortController()
    const range = rangeOf(params, Date.now())
    let rows: readonly LogRow[] = []
    let cursor: string | undefined
    let busy = false

    async function load(): Promise<void> {
      if (busy) return
      busy = true
      try {
        const page = await api.logs(filter, range, pageLines, cursor, abort.signal)
        rows = [...rows, ...page.logs]
        cursor = page.next
        const end = cursor === undefined ? 'end' : rows.length >= maxLines ? 'full' : 'more'
        setState({ rows, state: end, error: undefined })
      } catch (error) {
        if (!abort.signal.aborted) setState({ rows, state: 'failed', error })
      }
      busy = false
    }
    setState({ rows: [], state: 'loading', error: undefined })
    next.current = () => {
      if (cursor !== undefined && rows.length < maxLines) void load()
    }
    void load()
    return () => abort.abort()
  }, [api, key, turn])

  return {
    ...state,
    more: useCallback(() => next.current(), []),
    again: useCallback(() => setTurn(before => before + 1), [])
  }
}
