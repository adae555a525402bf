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

/** Where stdout takes nothing any more, as when the terminal was closed, the log ends and nothing else does. */
function stdout(): DestinationStream {
  // With a least length, if only of 1, its flush waits until all is written, in order.
  const destination = pino.destination({ dest: 1, sync: false, minLength: 1, maxLength: maxUnwrittenBytes })
  destination.on('error', () => {
    destination.write = () => true
    destination.flush = done => done?.()
    // At the exit it would try again for ever: it takes only EAGAIN and EPIPE for reasons to stop (sonic-boom, flushSync).
    destination.flushSync = () => {}
  })
  return destination
}
