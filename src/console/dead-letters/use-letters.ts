import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { DeadLetterFilter, DeadLetterReasons, DeadLetterRow } from '../../core/dead-letter.ts'
import { useApi } from '../api-context.ts'

const pageLetters = 100
/** So many are kept in the browser; whoever wants more narrows the filter. */
export const maxLetters = 2000

export interface Letters {
  readonly rows: readonly DeadLetterRow[]
  readonly reasons: DeadLetterReasons | undefined
  readonly state: 'loading' | 'more' | 'end' | 'full' | 'failed'
  readonly error: unknown
  /** Lines of the files that are no letters, as far as was read. */
  readonly skipped: number
  more(): void
  again(): void
}

type State = Omit<Letters, 'more' | 'again'>
const nothing: State = { rows: [], reasons: undefined, state: 'loading', error: undefined, skipped: 0 }

/** Letters and their reasons whenever the filter changes, older pages on demand. */
export function useLetters(filter: DeadLetterFilter): Letters {
  const api = useApi()
  const [turn, setTurn] = useState(0)
  const [state, setState] = useState(nothing)
  const next = useRef<() => void>(() => {})
  const key = JSON.stringify(filter)

  useEffect(() => {
    const abort = new AbortController()
    let known = nothing
    let cursor: string | undefined
    const show = (changes: Partial<State>): void => {
      known = { ...known, ...changes }
      if (!abort.signal.aborted) setState(known)
    }

    async function load(): Promise<void> {
      show({ state: 'loading' })
      try {
        const page = await api.deadLetters(filter, pageLetters, cursor, abort.signal)
        const rows = [...known.rows, ...page.letters]
        cursor = page.next
        const end = cursor === undefined ? 'end' : rows.length >= maxLetters ? 'full' : 'more'
        show({ rows, state: end, error: undefined, skipped: known.skipped + page.skipped })
      } catch (error) {
        show({ state: 'failed', error })
      }
    }

    async function count(): Promise<void> {
      const reasons = await api.deadLetterReasons(filter, abort.signal).catch(() => undefined)
      show({ reasons })
    }

    setState(nothing)
    next.current = () => {
      if (known.state === 'more' || known.state === 'failed') void load()
    }
    void load()
    void count()
    return () => abort.abort()
  }, [api, key, turn])

  return {
    ...state,
    more: useCallback(() => next.current(), []),
    again: useCallback(() => setTurn(before => before + 1), [])
  }
}
