import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { LogRow } from '../../core/plain.ts'
import type { LogFilter } from '../../core/status.ts'
import { useApi } from '../api-context.ts'
import { fillIn } from './fill-in.ts'
import { readTail, type TailState } from './tail.ts'
import { createTailBuffer } from './tail-buffer.ts'

/** Lines are shown in batches: the document changes at most this often. */
const flushMs = 120
const rateOverMs = 1000
const historyLines = 200

export interface LiveTail {
  readonly rows: readonly LogRow[]
  readonly state: TailState
  readonly paused: boolean
  readonly pending: number
  /** Lines per second now. */
  readonly rate: number
  /** Lines that the server left out since the filter changed. */
  readonly dropped: number
  /** Whether the store was asked for what came before. */
  readonly settled: boolean
  pause(): void
  resume(): void
  clear(): void
}

/** The live tail of a filter; begins with the newest lines of the store, where there is one. */
export function useTail(filter: LogFilter): LiveTail {
  const api = useApi()
  const key = JSON.stringify(filter)
  const buffer = useRef(createTailBuffer())
  const flags = useRef({ state: 'connecting' as TailState, dropped: 0, rate: 0, settled: false, timer: 0, total: 0 })
  const [, setVersion] = useState(0)
  const flush = useCallback(() => {
    const now = flags.current
    if (now.timer !== 0) return
    now.timer = window.setTimeout(() => {
      now.timer = 0
      setVersion(version => version + 1)
    }, flushMs)
  }, [])

  useEffect(() => {
    const abort = new AbortController()
    const lines = createTailBuffer()
    const now = flags.current
    buffer.current = lines
    Object.assign(now, { state: 'connecting', dropped: 0, rate: 0, settled: false, total: 0 })
    const listener = {
      row(row: LogRow, chars: number) {
        lines.add(row, chars)
        flush()
      },
      dropped(count: number) {
        now.dropped += count
        flush()
      },
      state(state: TailState) {
        now.state = state
        flush()
        if (state === 'live') void catchUp()
      }
    }
    const parsed: LogFilter = JSON.parse(key)
    let filling = new AbortController()
    async function catchUp(): Promise<void> {
      filling.abort()
      filling = new AbortController()
      const load = (signal: AbortSignal) => api.logs(parsed, {}, historyLines, undefined, signal)
      await fillIn(load, take, AbortSignal.any([abort.signal, filling.signal]))
      settle()
    }
    function take(rows: readonly LogRow[]): void {
      lines.merge(rows)
      settle()
    }
    function settle(): void {
      now.settled = true
      flush()
    }
    void readTail(signal => api.tail(parsed, signal), listener, abort.signal)
    const meter = setInterval(() => {
      now.rate = lines.total - now.total
      now.total = lines.total
      flush()
    }, rateOverMs)
    return () => {
      abort.abort()
      clearInterval(meter)
    }
  }, [api, key, flush])

  const change = (what: 'pause' | 'resume' | 'clear') => () => {
    buffer.current[what]()
    setVersion(version => version + 1)
  }
  const { rows, paused, pending } = buffer.current
  const { state, rate, dropped, settled } = flags.current
  return {
    ...{ rows, paused, pending, state, rate, dropped, settled },
    pause: useCallback(change('pause'), []),
    resume: useCallback(change('resume'), []),
    clear: useCallback(change('clear'), [])
  }
}
