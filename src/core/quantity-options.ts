import { z } from 'zod'
import { formatBytes, formatDuration, parseBytes, parseDuration } from './quantities.ts'

/** A size as people write it ('10 GiB') or a number of bytes. */
export const bytesOption = (least: number, most?: number) =>
  quantity(parseBytes, least, most, `a size ${rangeOf(formatBytes, least, most)}, like '4 MiB'`, 'bytes')

/** A time as people write it ('15m') or a number of ms. */
export const durationOption = (least: number, most?: number) =>
  quantity(parseDuration, least, most, `a time ${rangeOf(formatDuration, least, most)}, like '15m'`, 'ms')

const rangeOf = (format: (value: number) => string, least: number, most: number | undefined): string =>
  most === undefined ? `of at least ${format(least)}` : `from ${format(least)} to ${format(most)}`

function quantity(
  parse: (text: string) => number | undefined,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
  allowed: string,
  unit: 'bytes' | 'ms'
) {
  return z
    .union([z.number(), z.string()])
    .transform((value, context) => {
      const number = typeof value === 'number' ? value : parse(value)
      if (number !== undefined && Number.isSafeInteger(number) && number >= least && number <= most) return number
      context.addIssue({ code: 'custom', message: `must be ${allowed}` })
      return z.NEVER
    })
    .meta({ allowed, unit })
}
