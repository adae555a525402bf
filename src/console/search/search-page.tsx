import { useMemo } from 'preact/hooks'
import type { LaneStatus } from '../../core/status.ts'
import { isElsewhere } from '../api.ts'
import { Elsewhere } from '../elsewhere.tsx'
import { Failure } from '../failure.tsx'
import { formatCount, plural } from '../format.ts'
import { Icon } from '../icon.tsx'
import { FilterBar } from '../log/filter-bar.tsx'
import { LogList } from '../log/log-list.tsx'
import { wordsIn } from '../log/one-line.ts'
import { filterOf, type Route } from '../route.ts'
import { useSetParams } from '../use-route.ts'
import { TimePicker } from './time-picker.tsx'
import { maxLines, type Search, useSearch } from './use-search.ts'

/** What was said: the newest lines of a range that match, and older ones as far as one scrolls. */
export function SearchPage({ route, lanes }: { route: Route; lanes: readonly LaneStatus[] }) {
  const setParams = useSetParams(route)
  const search = useSearch(filterOf(route.params), route.params)
  const words = useMemo(() => wordsIn(route.params.q), [route.params.q])
  return (
    <section class="panel search" aria-label="Search">
      <FilterBar route={route} placeholder="Words, or a “phrase”" setParams={setParams}>
        <button class="button" type="button" onClick={search.again}>
          <Icon name="refresh" /> <span class="pause-text">Refresh</span>
        </button>
      </FilterBar>
      <TimePicker params={route.params} setParams={setParams} />
      <Results lanes={lanes} search={search} words={words} marked={route.params.at} />
      <div class="tail-foot" role="status" aria-live="polite">
        {summary(search)}
      </div>
    </section>
  )
}

interface ResultsProps {
  readonly search: Search
  readonly words: RegExp | undefined
  readonly marked: string | undefined
  readonly lanes: readonly LaneStatus[]
}

function Results({ search, words, marked, lanes }: ResultsProps) {
  const { rows, state, error } = search
  if (state === 'failed' && isElsewhere(error)) return <Elsewhere what="Logs" lanes={lanes} />
  if (state === 'failed' && rows.length === 0) return <Failure error={error} onAgain={search.again} />
  if (state === 'end' && rows.length === 0) {
    return (
      <div class="empty">
        <h2>Nothing found</h2>
        <p>No line in this time range matches. Try a longer range, or fewer words.</p>
      </div>
    )
  }
  return (
    <div class={`tail-body${state === 'loading' ? ' is-loading' : ''}`}>
      <LogList
        label="Lines found, the newest first"
        rows={rows}
        words={words}
        days
        marked={marked}
        onNearEnd={search.more}
      />
    </div>
  )
}

function summary({ rows, state }: Search): string {
  if (state === 'loading') return 'Searching…'
  if (state === 'failed') return rows.length > 0 ? `${plural(rows.length, 'line')}; the next page failed.` : ''
  if (state === 'more') return `The newest ${plural(rows.length, 'line')}; scroll for older ones.`
  if (state === 'full') return `The newest ${formatCount(maxLines)} lines: narrow the time range for older ones.`
  return rows.length === 0 ? 'No lines.' : `${plural(rows.length, 'line')}, all that match.`
}
