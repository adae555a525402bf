import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino'
import { readableLine } from './readable-line.ts'

export type Log = Logger

export interface LogOptions {
  /** The least severe level, or `silent`. */
  readonly level: string
  /** Readable lines instead of JSON. */
  readonly terminal: boolean
  /** stdout by default. */
  readonly destination?: DestinationStream
}

/** Unwritten log of ours in memory at most; what comes beyond it is dropped, so that a stuck stdout stops nothing. */
const maxUnwrittenBytes = 4 * 2 ** 20

const secretFields = ['token', 'password', 'apiKey', 'authorization']

/** Our own log: JSON with ISO times and named levels, or readable lines on a terminal. Never blocks on stdout. */
export function createLog({ level, terminal, destination = stdout() }: LogOptions): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: name => ({ level: name }) },
      redact: { paths: secretFields.flatMap(name => [name, `*.${name}`]), censor: '***' }
    },
    terminal ? { write: line => destination.write(readableLine(line)) } : destination
  )
}

const stdout = (): DestinationStream => pino.destination({ dest: 1, sync: false, maxLength: maxUnwrittenBytes })
