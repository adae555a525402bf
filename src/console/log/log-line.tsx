import { useEffect, useRef } from 'preact/hooks'
import type { LogRow, PlainRequest } from '../../core/plain.ts'
import { formatClock, formatDay, formatDuration } from '../format.ts'
import { inlineFields } from './app-fields.ts'
import { LogDetail } from './log-detail.tsx'
import { highlight, oneLine } from './one-line.ts'

export interface LogLineProps {
  readonly row: LogRow
  readonly words: RegExp | undefined
  readonly days: boolean
  readonly open: boolean
  /** Opened just now: it is brought into view whole. */
  readonly fresh: boolean
  readonly marked: boolean
  onToggle(id: string): void
  onHeight(id: string, height: number): void
}

/** One event as a row; open, all of it. */
export function LogLine({ row, words, days, open, fresh, marked, onToggle, onHeight }: LogLineProps) {
  const { source } = row
  const classes = `line-item level-${row.level}${open ? ' is-open' : ''}${marked ? ' is-marked' : ''}`
  return (
    <li class={classes}>
      <button
        type="button"
        class="line"
        aria-expanded={open}
        onClick={event => {
          if (event.detail > 0) event.currentTarget.blur()
          onToggle(row.id)
        }}
      >
        <time class="line-time" dateTime={row.time}>
          {days && <span class="line-day">{formatDay(row.time).slice(5)} </span>}
          {formatClock(row.time)}
        </time>
        <span class={`level level-${row.level}`}>{row.level}</span>
        <span class="line-app" title={`${source.org} / ${source.space} / ${source.app}`}>
          <span class="line-app-name">{source.app}</span>
          {source.instance !== '' && <span class="line-instance">{instanceOf(source.instance)}</span>}
        </span>
        <span class="line-type">{row.kind === 'event' ? 'event' : source.type}</span>
        {row.http === undefined ? <Message row={row} words={words} /> : <Request {...row.http} words={words} />}
      </button>
      {open && <Measured row={row} fresh={fresh} onHeight={onHeight} />}
    </li>
  )
}

/** Instances are small numbers; a guid is cut. */
const instanceOf = (instance: string): string => (instance.length > 6 ? `#${instance.slice(0, 6)}` : `#${instance}`)

function Message({ row, words }: Pick<LogLineProps, 'row' | 'words'>) {
  const fields = inlineFields(row, words)
  return (
    <span class="line-message">
      <Text text={oneLine(row.message)} words={words} />
      {fields !== '' && (
        <span class="line-fields">
          <Text text={fields} words={words} />
        </span>
      )}
    </span>
  )
}

function Text({ text, words }: { text: string; words: RegExp | undefined }) {
  if (text.trim() === '') return <span class="dim">(empty)</span>
  return (
    <>
      {highlight(text, words).map((piece, index) => (piece.hit ? <mark key={index}>{piece.text}</mark> : piece.text))}
    </>
  )
}

function Request({ words, ...http }: PlainRequest & { words: RegExp | undefined }) {
  const target = `${http.path ?? ''}${http.query === undefined ? '' : `?${http.query}`}`
  return (
    <span class="line-message line-request">
      <span class="method">{http.method ?? '–'}</span>
      <span class={`status status-${statusClass(http.status)}`}>{http.status ?? '–'}</span>
      <span class="took">{http.responseTimeMs === undefined ? '–' : formatDuration(http.responseTimeMs)}</span>
      <span class="target">
        <Text text={oneLine(target || '/')} words={words} />
        {http.routerError !== undefined && <span class="router-error"> {http.routerError}</span>}
        {http.host !== undefined && (
          <span class="host">
            {' '}
            <Text text={http.host} words={words} />
          </span>
        )}
      </span>
    </span>
  )
}

export const statusClass = (status: number | undefined): string =>
  status === undefined || status < 100 || status > 599 ? 'none' : `${Math.floor(status / 100)}xx`

function Measured({ row, fresh, onHeight }: Pick<LogLineProps, 'row' | 'fresh' | 'onHeight'>) {
  const box = useRef<HTMLDivElement>(null)
  const reveal = useRef(fresh)
  useEffect(() => {
    const observer = new ResizeObserver(entries => {
      onHeight(row.id, entries[0].borderBoxSize[0].blockSize)
      if (reveal.current) box.current?.parentElement?.scrollIntoView({ block: 'nearest' })
      reveal.current = false
    })
    if (box.current !== null) observer.observe(box.current)
    return () => observer.disconnect()
  }, [row.id, onHeight])
  return (
    <div ref={box}>
      <LogDetail row={row} />
    </div>
  )
}
