import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { LogRow } from '../../core/plain.ts'
import { useNarrow } from '../use-media.ts'
import { LogLine } from './log-line.tsx'
import { useOpenRows } from './use-open-rows.ts'
import { windowOf } from './window.ts'

/** Height of a closed row, px; the style sheet says the same. */
const rowHeights = { wide: 25, narrow: 46 } as const
const nearEndRows = 30
/** Scrolled up by less than this is still at the end. */
const endSlack = 6

export interface LogListProps {
  readonly label: string
  readonly rows: readonly LogRow[]
  readonly words: RegExp | undefined
  /** Shows the day as well: the rows may be of more than one. */
  readonly days?: boolean
  /** Keeps the last row in view. */
  readonly follow?: boolean
  /** The row that an address points at. */
  readonly marked?: string | undefined
  /** Somebody began to read: scrolled up, or opened a row. */
  onRead?(): void
  onEnd?(): void
  onNearEnd?(): void
}

/** A long list of lines, of which only those in view are in the document. */
export function LogList(props: LogListProps) {
  const { label, rows, words, days = false, follow = false, marked, onRead, onEnd, onNearEnd } = props
  const rowHeight = useNarrow() ? rowHeights.narrow : rowHeights.wide
  const box = useRef<HTMLElement>(null)
  const [scrollTop, setScrollTop] = useState(0)
  const [viewHeight, setViewHeight] = useState(600)
  const before = useRef(0)
  const { open, toggle, measure, closeAll, extras } = useOpenRows(rows)
  const view = windowOf(rows.length, rowHeight, extras, scrollTop, viewHeight)

  useLayoutEffect(() => {
    if (follow && box.current !== null) box.current.scrollTop = box.current.scrollHeight
  })
  useEffect(() => {
    const observer = new ResizeObserver(entries => setViewHeight(entries[0].contentRect.height))
    if (box.current !== null) observer.observe(box.current)
    return () => observer.disconnect()
  }, [])
  useEffect(() => {
    if (view.last > rows.length - nearEndRows) onNearEnd?.()
  }, [view.last, rows.length, onNearEnd])

  const onScroll = (event: { currentTarget: HTMLElement }) => {
    const { scrollTop: top, scrollHeight, clientHeight } = event.currentTarget
    const atEnd = top + clientHeight >= scrollHeight - endSlack
    if (follow && !atEnd && top < before.current) onRead?.()
    if (!follow && atEnd && top > before.current && open.size === 0) onEnd?.()
    before.current = top
    setScrollTop(top)
  }
  const onToggle = useCallback(
    (id: string) => {
      onRead?.()
      toggle(id)
    },
    [toggle, onRead]
  )
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && open.size > 0) {
      event.stopPropagation()
      closeAll()
    }
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step === 0 || box.current === null) return
    const lines = [...box.current.querySelectorAll<HTMLElement>('.line')]
    const here = lines.findIndex(line => line.matches(':focus'))
    const next = here < 0 ? undefined : lines[here + step]
    if (next === undefined) return
    event.preventDefault()
    onRead?.()
    next.focus({ preventScroll: true })
    next.scrollIntoView({ block: 'nearest' })
  }

  return (
    <section ref={box} class="log-list" aria-label={label} onScroll={onScroll} onKeyDown={onKeyDown}>
      <div class="log-rows" style={{ height: `${view.height}px` }}>
        <ol class="log-window" style={{ transform: `translateY(${view.offset}px)` }}>
          {rows.slice(view.first, view.last).map(row => (
            <LogLine
              key={row.id}
              row={row}
              words={words}
              days={days}
              open={open.has(row.id)}
              fresh={open.get(row.id) === 0}
              marked={row.id === marked}
              onToggle={onToggle}
              onHeight={measure}
            />
          ))}
        </ol>
      </div>
    </section>
  )
}
