import { parseArgs } from 'node:util'
import { messageOf } from '../core/errors.ts'
import { acceptedTimes, parseTime } from './time.ts'

/** What a person wants replayed. Times are ms since 1970. */
export interface ReplayArguments {
  readonly sink: string
  readonly from: number
  readonly to: number
  readonly replace: boolean
  /** Lines per second; absent where there is no limit. */
  readonly rate?: number
  readonly dryRun: boolean
  readonly yes: boolean
}

/** Lines per second, where nobody says: a fraction of what a lane manages, so that the lanes keep most of the machine and of the store. */
export const defaultRate = 5000

const options = {
  from: { type: 'string' },
  to: { type: 'string' },
  sink: { type: 'string' },
  rate: { type: 'string' },
  replace: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  yes: { type: 'boolean' }
} as const

/** A sentence where the command line cannot be read. */
export function readReplayArguments(args: readonly string[], now: number): ReplayArguments | string {
  try {
    const { values } = parseArgs({ args: [...args], options })
    return checked(values, now)
  } catch (error) {
    return messageOf(error)
  }
}

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values']

function checked(
  { from, to, sink, rate, replace, 'dry-run': dryRun, yes }: Values,
  now: number
): ReplayArguments | string {
  if (from === undefined || sink === undefined)
    return 'a replay wants --from TIME and --sink NAME, or --dead-letters; `culvert --help` says more'
  const begin = parseTime(from, now)
  const end = to === undefined ? now : parseTime(to, now)
  if (begin === undefined) return wrongTime('--from', from)
  if (end === undefined) return wrongTime('--to', to ?? '')
  if (begin > now) return `--from lies in the future: ${iso(begin)}`
  if (begin > end) return `--from lies after --to: ${iso(begin)}, ${iso(end)}`
  const limit = rate === undefined ? defaultRate : Number(rate)
  if (rate !== 'none' && !(Number.isInteger(limit) && limit >= 1))
    return `--rate is '${rate}', and may be lines per second, 1 or more, or none`
  return {
    sink,
    from: begin,
    to: Math.min(end, now),
    replace: replace === true,
    ...(rate === 'none' ? {} : { rate: limit }),
    dryRun: dryRun === true,
    yes: yes === true
  }
}

const wrongTime = (option: string, given: string): string => `${option} is '${given}', and may be like ${acceptedTimes}`

export const iso = (ms: number): string => new Date(ms).toISOString()
