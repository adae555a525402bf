import { parseDuration } from '../core/quantities.ts'

/** For errors and help. */
export const acceptedTimes =
  '2026-11-24T12:00:00Z, with +01:00 for Z, "2026-11-24 12:00" (local time), 2026-11-24, "2h ago", now'

const clock = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:Z|([+-])(\d\d):?(\d\d))?)?$/i
const withZone = /(?:Z|[T ]\d\d:\d\d.*[+-]\d\d:?\d\d)$/i

/**
 * ms since 1970 of what people type: RFC 3339, the same without its zone in this machine's, a date alone for its beginning, or how long before
 * `now`; undefined for anything else.
 */
export function parseTime(text: string, now: number): number | undefined {
  const trimmed = text.trim()
  if (/^now$/i.test(trimmed)) return now
  const ago = parseDuration(trimmed.replace(/\s*ago$/i, ''))
  if (ago !== undefined) return now - ago
  const match = clock.exec(trimmed)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(digits => Number(digits ?? 0))
  const date = new Date(Date.UTC(year!, month! - 1, day))
  const isDay = date.getUTCMonth() === month! - 1 && date.getUTCDate() === day
  if (!isDay || hour! > 23 || minute! > 59 || second! > 59) return undefined
  const ms = Math.trunc(Number(`0.${match[7] ?? 0}`) * 1000)
  if (!withZone.test(trimmed)) return new Date(year!, month! - 1, day, hour, minute, second, ms).getTime()
  const [hours, minutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)]
  if (hours > 23 || minutes > 59) return undefined
  const offset = (match[8] === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000
  return Date.UTC(year!, month! - 1, day, hour, minute, second, ms) - offset
}
