import type { LogEvent } from '../src/core/event.ts'
import type { LossReport } from '../src/core/losses.ts'

/**
 * The lines by which the platform says that messages were lost before they came to us. The agent writes each of its lines twice, from LGR
 * and from SYS (app_log_emitter.go): LGR's counts.
 */
const drainPattern =
  /^(\d{1,15}) messages lost(?: for application \S+)? in user provided syslog drain(?: with url (\S+))?$/
const loggregatorPatterns = [
  /^Log message output too high\. We've dropped (\d{1,15}) messages/,
  /^Log message output is too high\. (\d{1,15}) messages dropped \(Total \d+ messages dropped\)/,
  /^TB: Output channel too full\. Dropped (\d{1,15}) messages/
]
/** Executor's log_rate_limiter.go; on stdout or stderr, by version. */
const ratePattern =
  /^app instance exceeded log rate limit \((\d{1,20} (?:bytes|log-lines)\/sec)\)(?: set by platform operator)?$/

const stderr = 11
const maxLineBytes = 4096
const maxDrainCharacters = 300
const [minRateBytes, maxRateBytes] = [50, 110]
const [letterA, letterI] = [0x61, 0x69]

/** What a log says of a loss; undefined for all others, which costs a look at a byte or two. */
export function lossReportOf(event: LogEvent): LossReport | undefined {
  const { messageStart: start, priority, source } = event
  const length = event.messageEnd - start
  if (priority === stderr && source.type === 'LGR') return length > maxLineBytes ? undefined : ofLoggregator(event)
  if (length < minRateBytes || length > maxRateBytes) return undefined
  const { bytes } = event.record
  if (bytes[start] !== letterA || bytes[start + 4] !== letterI || source.type !== 'APP') return undefined
  const limit = ratePattern.exec(event.originalText.trimEnd())?.[1]
  return limit === undefined ? undefined : { kind: 'rate_limit', limit }
}

function ofLoggregator({ originalText }: LogEvent): LossReport | undefined {
  const text = originalText.trimEnd()
  const [, lost, url] = drainPattern.exec(text) ?? []
  if (lost !== undefined)
    return { kind: 'drain', lost: Number(lost), ...(url === undefined ? {} : { drain: withoutSecrets(url) }) }
  for (const pattern of loggregatorPatterns) {
    const dropped = pattern.exec(text)?.[1]
    if (dropped !== undefined) return { kind: 'loggregator', lost: Number(dropped) }
  }
  return undefined
}

/** The agent leaves out user and query (older ones only the user); we do not count on it. */
const withoutSecrets = (url: string): string =>
  url
    .replace(/[?#].*/s, '')
    .replace(/\/\/[^/]*@/, '//')
    .slice(0, maxDrainCharacters)
