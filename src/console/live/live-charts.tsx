import { levels } from '../../core/event.ts'
import type { Rates } from '../../core/status.ts'
import { useApi } from '../api-context.ts'
import { bucketed } from '../chart/buckets.ts'
import { StackedChart } from '../chart/stacked-chart.tsx'
import { hrefOf } from '../route.ts'
import { usePoll } from '../use-poll.ts'
import type { Params } from '../use-route.ts'

const everyMs = 2000
const statusClasses = ['2xx', '3xx', '1xx', 'none', '4xx', '5xx'] as const
const levelKeys = levels.map(level => ({ key: level, label: level, colour: `--fill-${level}` }))
const statusKeys = statusClasses.map(name => ({ key: name, label: name, colour: `--fill-${name}` }))
const noRates: Pick<Rates, 'from' | 'levels' | 'statuses'> = { from: 0, levels: {}, statuses: {} }

/** Lines per second by level, and requests per second by status; a range that is marked with the mouse is searched. */
export function LiveCharts({ minutes, setParams }: { minutes: 5 | 15; setParams: (changes: Params) => void }) {
  const api = useApi()
  const { value } = usePoll(api.rates, everyMs)
  const { from, levels: byLevel, statuses } = value ?? noRates
  // The first minutes after a start get narrow bars too.
  const seconds = Math.min(minutes * 60, Object.values(byLevel)[0]?.length ?? 0)
  const width = seconds > 300 ? 6 : 2
  const chart = (keys: readonly { key: string }[], values: Readonly<Record<string, readonly number[]>>) =>
    bucketed(
      from,
      keys.map(({ key }) => values[key]?.slice(0, -1) ?? []), // the last second is not over
      width,
      minutes * 60
    )
  const onRange = (start: number, end: number) => {
    location.hash = hrefOf('search', { from: new Date(start).toISOString(), to: new Date(end).toISOString() })
  }
  return (
    <div class="charts">
      <StackedChart
        title="Lines per second"
        keys={levelKeys}
        buckets={chart(levelKeys, byLevel)}
        onRange={onRange}
        aside={<Minutes minutes={minutes} setParams={setParams} />}
      />
      <StackedChart
        title="Requests per second"
        keys={statusKeys}
        buckets={chart(statusKeys, statuses)}
        onRange={onRange}
      />
    </div>
  )
}

const Minutes = ({ minutes, setParams }: { minutes: 5 | 15; setParams: (changes: Params) => void }) => (
  <fieldset class="segmented" aria-label="Time span of the charts">
    {([5, 15] as const).map(choice => (
      <button
        key={choice}
        type="button"
        aria-pressed={minutes === choice}
        onClick={() => setParams({ minutes: choice === 15 ? '' : '5' })}
      >
        {choice} min
      </button>
    ))}
  </fieldset>
)
