import type { ComponentChildren } from 'preact'
import { useMemo, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { formatRate, formatSecond, formatShort } from '../format.ts'
import { useDark } from '../use-media.ts'
import { type Buckets, stacked } from './buckets.ts'
import { axes, cssColour, fromZero } from './chart-style.ts'
import { useUplot } from './use-uplot.ts'

export interface StackKey {
  readonly key: string
  readonly label: string
  /** A CSS custom property. */
  readonly colour: string
}

export interface StackedChartProps {
  readonly title: string
  /** From the bottom of the stack up. */
  readonly keys: readonly StackKey[]
  readonly buckets: Buckets
  readonly aside?: ComponentChildren
  /** A range was marked, ms since 1970. */
  onRange(from: number, to: number): void
}

/** Stacked bars over time, with the values under the pointer (else the newest) in the legend. */
export function StackedChart({ title, keys, buckets, aside, onRange }: StackedChartProps) {
  const box = useRef<HTMLDivElement>(null)
  const dark = useDark()
  const [hover, setHover] = useState<number | null>(null)
  const latest = useRef(onRange)
  latest.current = onRange

  const data = useMemo<uPlot.AlignedData>(
    () => [buckets.times, ...stacked(buckets.series).toReversed()],
    [buckets.times.at(-1), buckets.times.length, ...buckets.series.map(values => values.at(-1))]
  )
  useUplot(box, `${dark} ${keys.length}`, data, (width, height) => ({
    ...{ width, height, padding: [6, 20, 0, 0] },
    legend: { show: false },
    scales: { y: { range: fromZero } },
    axes: axes(formatShort),
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false },
      sync: { key: 'culvert-live', scales: ['x', null] }
    },
    series: [
      {},
      ...keys.toReversed().map(({ colour }) => ({
        fill: cssColour(colour),
        width: 0,
        points: { show: false },
        paths: bars
      }))
    ],
    hooks: {
      setCursor: [chart => setHover(chart.cursor.idx ?? null)],
      setSelect: [
        chart => {
          const { left, width: wide } = chart.select
          if (wide < 4) return
          chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          latest.current(chart.posToVal(left, 'x') * 1000, chart.posToVal(left + wide, 'x') * 1000)
        }
      ]
    }
  }))

  const index = hover !== null && hover < buckets.times.length ? hover : buckets.newest
  const shown = keys
    .map((key, at) => ({ ...key, value: buckets.series[at]?.[index] ?? 0, any: buckets.series[at]?.some(Boolean) }))
    .filter(({ any }) => any)
  const total = shown.reduce((sum, { value }) => sum + value, 0)
  const spoken = `${title}, now ${formatRate(total)}: ${shown.map(({ label, value }) => `${label} ${formatRate(value)}`).join(', ')}`
  return (
    <section class="panel chart" aria-label={title}>
      <header class="chart-head">
        <h2>{title}</h2>
        <span class="chart-total number">{buckets.times.length > 0 ? formatRate(total) : '–'}</span>
        {aside}
      </header>
      <ul class="legend">
        {shown.toReversed().map(({ key, label, colour, value }) => (
          <li key={key}>
            <span class="swatch" style={{ background: `var(${colour})` }} /> {label}{' '}
            <span class="number">{formatRate(value)}</span>
          </li>
        ))}
        {hover !== null && buckets.times[index] !== undefined && (
          <li class="legend-time number">{formatSecond(buckets.times[index] * 1000)}</li>
        )}
      </ul>
      <div ref={box} class="plot" role="img" aria-label={spoken} title="Mark a range to search it" />
    </section>
  )
}

const bars: uPlot.Series.PathBuilder = (...args) => makeBars(...args)
const makeBars = uPlot.paths.bars?.({ size: [0.82, 20, 1], align: 1 }) ?? (() => null)
