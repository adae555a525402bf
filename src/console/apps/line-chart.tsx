import { useMemo, useRef, useState } from 'preact/hooks'
import type uPlot from 'uplot'
import type { MetricSeries } from '../../core/search.ts'
import { axes, cssColour, fromZero } from '../chart/chart-style.ts'
import { useUplot } from '../chart/use-uplot.ts'
import { formatSecond, formatValue } from '../format.ts'
import { useDark } from '../use-media.ts'
import { aligned, instanceName, sourceKey } from './series.ts'

const colours = 10

/** One line per source; the legend has the values under the pointer, else the newest. */
export function LineChart({ title, series }: { title: string; series: readonly MetricSeries[] }) {
  const box = useRef<HTMLDivElement>(null)
  const dark = useDark()
  const [hover, setHover] = useState<number | null>(null)
  const [focus, setFocus] = useState<number | null>(null)
  const { times, values } = useMemo(() => aligned(series), [series])
  const unit = series[0]?.unit ?? ''
  const data = useMemo<uPlot.AlignedData>(() => [times, ...values], [times, values])
  const key = `${dark} ${unit} ${series.map(({ source }) => sourceKey(source)).join()}`
  const colourOf = (index: number) => `--series-${(index % colours) + 1}`

  useUplot(box, key, data, (width, height) => ({
    ...{ width, height, padding: [8, 28, 0, 0] },
    legend: { show: false },
    scales: { y: { range: fromZero } },
    axes: axes(value => formatValue(value, unit), 62),
    cursor: { y: false, drag: { x: false, y: false }, focus: { prox: 24 } },
    focus: { alpha: 0.3 },
    series: [
      {},
      ...series.map((_, index) => ({
        stroke: cssColour(colourOf(index)),
        width: 1.6,
        spanGaps: false,
        points: { show: times.length < 3, size: 5 }
      }))
    ],
    hooks: {
      setCursor: [chart => setHover(chart.cursor.idx ?? null)],
      setSeries: [(_, index) => setFocus(index === null ? null : index - 1)]
    }
  }))

  const valueAt = (line: readonly (number | null)[]) =>
    (hover === null ? undefined : line[hover]) ?? line.findLast(value => value !== null)
  const oneApp = new Set(series.map(({ source }) => source.appId || source.app)).size === 1
  return (
    <>
      <div ref={box} class="plot" role="img" aria-label={`${title}, ${series.length} series`}>
        {series.length === 0 && <p class="plot-empty dim">No points in this time span.</p>}
      </div>
      <ul class="legend legend-lines">
        {series.map(({ source }, index) => {
          const value = valueAt(values[index])
          return (
            <li key={sourceKey(source)} class={focus === index ? 'is-focused' : ''}>
              <span class="swatch" style={{ background: `var(${colourOf(index)})` }} />
              <span class="legend-name">{instanceName(source, !oneApp)}</span>
              <span class="number">{value === undefined || value === null ? '–' : formatValue(value, unit)}</span>
            </li>
          )
        })}
        {hover !== null && times[hover] !== undefined && (
          <li class="legend-time number">{formatSecond(times[hover] * 1000)}</li>
        )}
      </ul>
    </>
  )
}
