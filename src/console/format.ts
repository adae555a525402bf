const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 })
const tenths = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 })
const precise = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 })

/** `1,234,567` */
export const formatCount = (count: number): string => whole.format(count)

/** `12.3K`, `0.25`: three digits at most, for charts and rates. */
export const formatShort = (value: number): string =>
  Math.abs(value) < 1000 ? precise.format(value) : compact.format(value)

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** `88`, `3.8`, `0.2`, `12.3K`: of which one sees the next beside it, so not more digits than needed. */
export const formatRate = (perSecond: number): string =>
  perSecond >= 1000 ? compact.format(perSecond) : perSecond >= 10 ? whole.format(perSecond) : tenths.format(perSecond)

/** `1.5 GiB`: three digits at most, binary units. */
export function formatBytes(bytes: number): string {
  let unit = 0
  let value = bytes
  while (Math.abs(value) >= 1000 && unit < byteUnits.length - 1) {
    value /= 1024
    unit++
  }
  return `${precise.format(value)} ${byteUnits[unit]}`
}

/** `340 ms`, `4.2 s`, `12 min`, `3 h 5 min`, `2 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${precise.format(ms)} ms`
  const seconds = ms / 1000
  if (seconds < 60) return `${precise.format(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return withRest(hours, 'h', minutes % 60, 'min')
  return withRest(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

const withRest = (value: number, unit: string, rest: number, restUnit: string): string =>
  rest === 0 ? `${value} ${unit}` : `${value} ${unit} ${rest} ${restUnit}`

const two = (value: number): string => String(value).padStart(2, '0')

/** Local time with milliseconds, `04:29:03.785`, of an ISO 8601 text or ms since 1970. */
export function formatClock(time: string | number): string {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) return String(time)
  return `${formatSecond(date)}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

/** Local time, `04:29:03`. */
export const formatSecond = (time: Date | string | number): string => {
  const date = new Date(time)
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** Local day, `2026-11-24`. */
export function formatDay(time: string | number): string {
  const date = new Date(time)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** `2026-11-24 04:29:03`, local time. */
export const formatMoment = (time: number): string => `${formatDay(time)} ${formatSecond(time)}`

/** `2026-11-24T04:29` in local time: the value of an input of type datetime-local. */
export const formatLocalInput = (time: number): string => `${formatDay(time)}T${formatSecond(time)}`

/** A metric's value by its unit as the platform names it: bytes, percentage, ns, ms, … */
export function formatValue(value: number, unit: string): string {
  const name = unit.toLowerCase()
  if (name === 'bytes' || name === 'b') return formatBytes(value)
  if (name === 'bytes/second' || name === 'bytes/s' || name === 'b/s') return `${formatBytes(value)}/s`
  if (name === 'percentage' || name === 'percent' || name === '%') return `${precise.format(value)} %`
  if (name === 'nanoseconds' || name === 'ns') return formatDuration(value / 1e6)
  if (name === 'ms' || name === 'milliseconds') return formatDuration(value)
  if (name === 's' || name === 'seconds') return formatDuration(value * 1000)
  return name === '' ? formatShort(value) : `${formatShort(value)} ${unit}`
}

/** How long ago, `now`, `12 s ago`. */
export function formatAgo(time: number, now: number): string {
  const ms = now - time
  return ms < 1000 ? 'now' : `${formatDuration(Math.floor(ms / 1000) * 1000)} ago`
}

/** `1 line`, `2 lines`. */
export const plural = (count: number, noun: string): string => `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
