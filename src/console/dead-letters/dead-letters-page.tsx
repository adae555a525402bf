import { useState } from 'preact/hooks'
import type { DeadLetterFilter } from '../../core/dead-letter.ts'
import type { Status } from '../../core/status.ts'
import { CopyButton } from '../copy-button.tsx'
import { Failure } from '../failure.tsx'
import { formatBytes, formatCount, plural } from '../format.ts'
import { Icon } from '../icon.tsx'
import { SearchField } from '../log/search-field.tsx'
import { hrefOf, type Route } from '../route.ts'
import { useSetParams } from '../use-route.ts'
import { replayCommand } from './command.ts'
import { Letter } from './letter.tsx'
import { Reasons } from './reasons.tsx'
import { type Letters, maxLetters, useLetters } from './use-letters.ts'

const filterKeys = ['lane', 'q', 'app'] as const

export interface DeadLettersPageProps {
  readonly route: Route
  readonly status: Status | undefined
}

/** What stores refused for good: why, every letter whole, and how to put them back. */
export function DeadLettersPage({ route, status }: DeadLettersPageProps) {
  const { params } = route
  const filter: DeadLetterFilter = Object.fromEntries(
    filterKeys.flatMap(key => (params[key] ? [[key, params[key]]] : []))
  )
  const letters = useLetters(filter)
  return (
    <section class="panel search" aria-label="Dead letters">
      <Bar route={route} status={status} letters={letters} />
      <Results letters={letters} filter={filter} />
      <div class="tail-foot" role="status" aria-live="polite">
        {summary(letters)}
        <span class="keys">{stored(status)}</span>
      </div>
    </section>
  )
}

function Bar({ route, status, letters }: DeadLettersPageProps & { letters: Letters }) {
  const { params } = route
  const setParams = useSetParams(route)
  const names = [
    ...(status?.lanes ?? []).map(({ name }) => name),
    ...(status?.deadLetters ?? []).map(({ lane }) => lane)
  ]
  const lanes = [...new Set([...names, ...(params.lane ? [params.lane] : [])])]
  return (
    <search class="filter-bar">
      <SearchField
        value={params.q ?? ''}
        placeholder="Words of the reason or the line"
        onValue={q => setParams({ q })}
      />
      <SearchField kind="app" value={params.app ?? ''} placeholder="Any app" onValue={app => setParams({ app })} />
      <select
        class={params.lane ? 'is-set' : ''}
        aria-label="Lane"
        value={params.lane ?? ''}
        onChange={event => setParams({ lane: event.currentTarget.value })}
      >
        <option value="">Any lane</option>
        {lanes.map(lane => (
          <option key={lane} value={lane}>
            {lane}
          </option>
        ))}
      </select>
      <button class="button" type="button" onClick={letters.again}>
        <Icon name="refresh" /> <span class="pause-text">Refresh</span>
      </button>
    </search>
  )
}

function Results({ letters, filter }: { letters: Letters; filter: DeadLetterFilter }) {
  const { rows, reasons, state, error, more, again } = letters
  const [open, setOpen] = useState('')
  if (state === 'failed' && rows.length === 0) return <Failure error={error} onAgain={again} />
  if (state === 'end' && rows.length === 0) return <Empty filtered={Object.keys(filter).length > 0} />
  if (rows.length === 0 && state === 'loading') return <p class="empty dim">Loading…</p>
  return (
    <div class="letters">
      {reasons !== undefined && reasons.letters > 0 && <Reasons reasons={reasons} now={Date.now()} />}
      <div class="put-back">
        <p>When what refused them is mended, put {words(filter)} back. What the store takes is stored once.</p>
        <div class="command">
          <pre>{replayCommand(filter)}</pre>
          <CopyButton label="Copy" text={() => replayCommand(filter)} />
        </div>
      </div>
      <ol class="letter-list" aria-label="Letters, the newest first">
        {rows.map((row, index) => {
          // One event may have been given up twice: before a crash and after it.
          const key = `${row.lane} ${row.id} ${row.at} ${index}`
          return <Letter key={key} row={row} open={open === key} onToggle={() => setOpen(open === key ? '' : key)} />
        })}
      </ol>
      {(state === 'more' || state === 'failed') && (
        <button class="button letters-more" type="button" onClick={more}>
          <Icon name="down" /> {state === 'failed' ? 'Try again' : 'Older letters'}
        </button>
      )}
    </div>
  )
}

const words = (filter: DeadLetterFilter): string => (Object.keys(filter).length > 0 ? 'these letters' : 'all of them')

function Empty({ filtered }: { filtered: boolean }) {
  if (!filtered) {
    return (
      <div class="empty">
        <h2>No dead letters</h2>
        <p>No store has refused an event for good. One that does is kept here whole, with the store’s reason.</p>
      </div>
    )
  }
  return (
    <div class="empty">
      <h2>No letter matches</h2>
      <a class="button" href={hrefOf('dead-letters')}>
        Show all
      </a>
    </div>
  )
}

function summary({ rows, reasons, state, skipped }: Letters): string {
  const damaged = skipped > 0 ? ` ${plural(skipped, 'line')} of the files could not be read.` : ''
  if (state === 'loading') return 'Reading…'
  if (state === 'failed') return rows.length > 0 ? `${plural(rows.length, 'letter')}; the next page failed.` : ''
  if (state === 'full')
    return `The newest ${formatCount(maxLetters)} letters: narrow the filter for older ones.${damaged}`
  const total = reasons === undefined || !reasons.complete ? '' : ` of ${formatCount(reasons.letters)}`
  if (state === 'more') return `The newest ${formatCount(rows.length)}${total} letters.${damaged}`
  return `${plural(rows.length, 'letter')}.${damaged}`
}

/** What the files take. */
function stored(status: Status | undefined): string {
  const bytes = (status?.deadLetters ?? []).reduce((sum, lane) => sum + lane.bytes, 0)
  const putBack = (status?.deadLetters ?? []).reduce((sum, lane) => sum + lane.putBack, 0)
  return [
    ...(bytes > 0 ? [`${formatBytes(bytes)} on disk`] : []),
    ...(putBack > 0 ? [`${formatCount(putBack)} put back since the start`] : [])
  ].join(' · ')
}
