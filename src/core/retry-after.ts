/** Retry-After (RFC 9110 10.2.3) in ms: seconds or a date; undefined where there is none that we understand. */
export function retryAfterMs(
  header: string | readonly string[] | undefined | null,
  now = Date.now()
): number | undefined {
  const text = (typeof header === 'string' ? header : header?.[0])?.trim()
  if (!text) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
