/** What a search may look back to, in words and ms. */
export const presets = {
  '15m': { label: 'Last 15 minutes', ms: 15 * 60_000 },
  '1h': { label: 'Last hour', ms: 3_600_000 },
  '6h': { label: 'Last 6 hours', ms: 6 * 3_600_000 },
  '24h': { label: 'Last 24 hours', ms: 24 * 3_600_000 },
  '7d': { label: 'Last 7 days', ms: 7 * 24 * 3_600_000 },
  all: { label: 'All time', ms: Number.POSITIVE_INFINITY }
} as const

export type Preset = keyof typeof presets
export const defaultPreset: Preset = '1h'

/** ms since 1970; an absent end is open. */
export interface TimeRange {
  readonly from?: number
  readonly to?: number
}

export const isPreset = (text: string | undefined): text is Preset => text !== undefined && Object.hasOwn(presets, text)

/** A route's `from` and `to` (ISO 8601) if there is one of them, else its `range`, else the last hour. */
export function rangeOf(params: Readonly<Record<string, string>>, now: number): TimeRange {
  const from = timeOf(params.from)
  const to = timeOf(params.to)
  if (from !== undefined || to !== undefined) {
    return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
  }
  const { ms } = presets[isPreset(params.range) ? params.range : defaultPreset]
  return ms === Number.POSITIVE_INFINITY ? {} : { from: now - ms }
}

function timeOf(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? '')
  return Number.isNaN(time) ? undefined : time
}

/** The parameters of a search for what was said within `ms` before and after a time. */
export function around(time: string | number, ms: number): { from: string; to: string } {
  const at = new Date(time).getTime()
  return { from: new Date(at - ms).toISOString(), to: new Date(at + ms).toISOString() }
}
