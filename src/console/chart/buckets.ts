/** Buckets of a chart: their times in s since 1970, and per series the mean of each bucket. */
export interface Buckets {
  readonly times: number[]
  readonly series: number[][]
  /** Index of the newest bucket that has all its seconds: its values are final. -1 if there is none. */
  readonly newest: number
}

/**
 * Means over `width` seconds of per-second values, the newest `seconds` of them. Buckets begin at multiples of `width`, so that
 * bars stand still while time goes on; the newest one may be of fewer seconds, an older one that is not whole is left out.
 */
export function bucketed(
  from: number,
  series: readonly (readonly number[])[],
  width: number,
  seconds: number
): Buckets {
  const start = Math.floor(from / 1000)
  const length = Math.max(0, ...series.map(values => values.length))
  const wanted = start + Math.max(0, length - seconds)
  const first = Math.ceil(wanted / width) * width
  const times: number[] = []
  for (let time = first; time < start + length; time += width) times.push(time)
  return {
    times,
    newest: times.findLastIndex(time => time + width <= start + length),
    series: series.map(values =>
      times.map(time => {
        const sum = values.slice(time - start, time - start + width).reduce((total, value) => total + value, 0)
        return sum / Math.min(width, start + length - time)
      })
    )
  }
}

/** Running sums from the first series up: what stacked bars are drawn from, the last one first. */
export function stacked(series: readonly (readonly number[])[]): number[][] {
  const sums: number[][] = []
  for (const values of series) {
    const below = sums.at(-1)
    sums.push(values.map((value, index) => value + (below?.[index] ?? 0)))
  }
  return sums
}
