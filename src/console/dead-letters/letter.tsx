import { useEffect, useState } from 'preact/hooks'
import type { DeadLetterRow, DeadLetterWhole } from '../../core/dead-letter.ts'
import { useApi } from '../api-context.ts'
import { CopyButton } from '../copy-button.tsx'
import { Failure } from '../failure.tsx'
import { formatBytes, formatClock, formatDay } from '../format.ts'
import { JsonView } from '../log/json-view.tsx'
import { cleanText, oneLine } from '../log/one-line.ts'

export interface LetterProps {
  readonly row: DeadLetterRow
  readonly open: boolean
  onToggle(): void
}

/** One letter as a row; open, all of it. */
export function Letter({ row, open, onToggle }: LetterProps) {
  const { at, lane, app, type, place, reason, text } = row
  return (
    <li class={`letter${open ? ' is-open' : ''}`}>
      <button type="button" class="letter-row" aria-expanded={open} onClick={onToggle}>
        <time class="line-time" dateTime={at}>
          <span class="line-day">{formatDay(at).slice(5)} </span>
          {formatClock(at)}
        </time>
        <span class="letter-lane">{lane}</span>
        <span class="letter-app" title={place}>
          {app || '–'} <span class="dim">{type}</span>
        </span>
        <span class="letter-reason">{oneLine(reason)}</span>
        <span class="letter-text">{oneLine(text) || '(empty)'}</span>
      </button>
      {open && <Whole row={row} />}
    </li>
  )
}

function Whole({ row }: { row: DeadLetterRow }) {
  const api = useApi()
  const [letter, setLetter] = useState<DeadLetterWhole>()
  const [error, setError] = useState<unknown>()
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    const abort = new AbortController()
    setError(undefined)
    api.deadLetter(row.id, row.lane, abort.signal).then(setLetter, (failure: unknown) => {
      if (!abort.signal.aborted) setError(failure)
    })
    return () => abort.abort()
  }, [api, row.id, row.lane, turn])
  if (error !== undefined) return <Failure error={error} onAgain={() => setTurn(before => before + 1)} />
  if (letter === undefined) return <p class="detail dim">Loading…</p>
  return (
    <div class="detail">
      <div class="detail-actions">
        <CopyButton label="Copy letter" text={() => JSON.stringify(letter, undefined, 2)} />
        <CopyButton label="Copy frame" text={() => letter.text} />
        <CopyButton label="Copy frame, base64" text={() => letter.frame} />
      </div>
      <section class="detail-error" aria-label="Reason">
        <h3>Refused by {letter.lane}</h3>
        <pre>{cleanText(letter.reason)}</pre>
      </section>
      <section aria-label="Frame">
        <h3 class="dim">The frame as it came, {formatBytes(row.bytes)}</h3>
        <pre class="detail-message">{cleanText(letter.text)}</pre>
      </section>
      <div class="detail-columns">
        <dl class="fields">
          {fieldsOf(letter).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {letter.event === undefined ? (
          <p class="dim">The event could not be read; its frame is whole.</p>
        ) : (
          <JsonView title="The event" value={letter.event} />
        )}
      </div>
    </div>
  )
}

const fieldsOf = ({ at, lane, id, receiptTime, listener, sequence }: DeadLetterWhole): [string, string][] => [
  ['given up', `${formatDay(at)} ${formatClock(at)}`],
  ['received', `${formatDay(receiptTime)} ${formatClock(receiptTime)}`],
  ['listener', listener],
  ['lane', lane],
  ['in its record', `frame ${sequence}`],
  ['id', id]
]
