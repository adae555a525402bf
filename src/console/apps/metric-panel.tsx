import { useMemo, useState } from 'preact/hooks'
import type { MetricName } from '../../core/search.ts'
import { useApi } from '../api-context.ts'
import { Icon } from '../icon.tsx'
import type { Route } from '../route.ts'
import { usePoll } from '../use-poll.ts'
import type { Params } from '../use-route.ts'
import { LineChart } from './line-chart.tsx'
import { largest } from './series.ts'

const everyMs = 15_000
const spans = { '15m': 15 * 60_000, '1h': 3_600_000, '6h': 6 * 3_600_000, '24h': 24 * 3_600_000 } as const
type Span = keyof typeof spans
const points = 240
/** Metrics come every 15 s: finer steps would leave holes. */
const leastStepMs = 15_000
export const maxSeries = 10

const isSpan = (text: string | undefined): text is Span => text !== undefined && Object.hasOwn(spans, text)

/** Any metric as a chart, one line per instance. */
export function MetricPanel({ route, setParams }: { route: Route; setParams: (changes: Params) => void }) {
  const api = useApi()
  const { app } = route.params
  const [span, setSpan] = useState<Span>(isSpan(route.params.span) ? route.params.span : '15m')
  const names = usePoll(signal => api.metricNames({ from: Date.now() - spans[span] }, signal), 60_000, span)
  const name = route.params.metric ?? defaultMetric(names.value?.names)
  const stepMs = Math.max(leastStepMs, spans[span] / points)
  const data = usePoll(
    async signal => {
      if (name === undefined) return undefined
      return api.metrics({ name, ...(app && { app }), from: Date.now() - spans[span], stepMs }, signal)
    },
    everyMs,
    `${name} ${app} ${span}`
  )
  const all = data.value?.series
  const series = useMemo(() => largest(all ?? [], maxSeries), [all])
  const options = names.value?.names ?? []
  return (
    <section class="panel chart metric-panel" aria-label="Metric">
      <header class="chart-head">
        <label>
          <span class="off-screen">Metric</span>
          <select value={name ?? ''} onChange={event => setParams({ metric: event.currentTarget.value })}>
            {name !== undefined && !options.some(option => option.name === name) && (
              <option value={name}>{name}</option>
            )}
            {options.map(option => (
              <option key={`${option.kind} ${option.name}`} value={option.name}>
                {option.name}
                {option.unit === '' ? '' : ` (${option.unit})`}
              </option>
            ))}
          </select>
        </label>
        {app && (
          <button
            class="chip chip-set"
            type="button"
            aria-label={`Show all apps, not only ${app}`}
            onClick={() => setParams({ app: '' })}
          >
            {app} <Icon name="close" />
          </button>
        )}
        {all !== undefined && all.length > series.length && (
          <span class="dim">
            the {series.length} largest of {all.length}
          </span>
        )}
        <fieldset class="segmented" aria-label="Time span">
          {Object.keys(spans).map(choice => (
            <button
              key={choice}
              type="button"
              aria-pressed={choice === span}
              onClick={() => {
                if (isSpan(choice)) setSpan(choice)
                setParams({ span: choice === '15m' ? '' : choice })
              }}
            >
              {choice}
            </button>
          ))}
        </fieldset>
      </header>
      <LineChart title={name ?? 'Metric'} series={series} />
    </section>
  )
}

const defaultMetric = (names: readonly MetricName[] | undefined): string | undefined =>
  names?.find(({ name }) => name === 'cpu')?.name ?? names?.[0]?.name
