import type uPlot from 'uplot'

/** The value of a CSS custom property now. */
export const cssColour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim()

const font = '11px system-ui, sans-serif'

/** Axes as all our charts have them: quiet, few labels, local time with seconds only when close. */
export function axes(format: (value: number) => string, size = 46): uPlot.Axis[] {
  const stroke = cssColour('--dim')
  const grid = { stroke: cssColour('--line'), width: 1 }
  return [
    { stroke, font, grid: { show: false }, ticks: { ...grid, size: 4 }, size: 26, gap: 4, space: 70, values: times },
    {
      ...{ stroke, font, grid, size, gap: 6, space: 28 },
      ticks: { show: false },
      values: (_, values) => values.map(value => format(value))
    }
  ]
}

const times = (_: uPlot, values: number[]): string[] =>
  values.map(value => {
    const date = new Date(value * 1000)
    const pad = (part: number) => String(part).padStart(2, '0')
    const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}`
    return date.getSeconds() === 0 ? clock : `${clock}:${pad(date.getSeconds())}`
  })

/** From zero up, with a little air, and never a scale of nothing. */
export const fromZero: uPlot.Scale.Range = (_, __, max) => [0, max > 0 ? max * 1.08 : 1]
