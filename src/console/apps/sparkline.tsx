import type { MetricSeries } from '../../core/search.ts'

const width = 96
const height = 24

/** A series as a small line, from 0 to its own highest value. */
export function Sparkline({ points, label }: { points: MetricSeries['points'] | undefined; label: string }) {
  const path = points === undefined || points.length < 2 ? '' : pathOf(points)
  return (
    <svg class="spark" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {path !== '' && <path class="spark-area" d={`${path}V${height}H0Z`} />}
      {path !== '' && <path class="spark-line" d={path} />}
    </svg>
  )
}

function pathOf(points: MetricSeries['points']): string {
  const first = points[0][0]
  const span = points[points.length - 1][0] - first || 1
  const max = points.reduce((most, [, value]) => Math.max(most, value), 0) || 1
  return points
    .map(([ms, value], index) => {
      const x = ((ms - first) / span) * width
      const y = height - 2 - (Math.max(0, value) / max) * (height - 4)
      return `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`
    })
    .join('')
}
