import split2 from 'split2'
import type { Journal } from '../src/core/contract.ts'
import { messageOf } from '../src/core/errors.ts'
import type { Generation } from '../src/core/identity.ts'
import { frameTruncated } from '../src/core/record.ts'
import type { ListenerStatus } from '../src/core/status.ts'
import { createCounts } from './counts.ts'
import { createIntake } from './intake.ts'
import { bytesOfLine, createLineLimit } from './line-limit.ts'
import type { Log } from './log.ts'

export interface StdinOptions {
  readonly input: NodeJS.ReadableStream
  readonly journal: Journal
  readonly partitions: number
  readonly maxFrameBytes: number
  readonly log: Log
  readonly generation?: Generation
  /** How long `stop` waits for the journal to take what was read; 2 s by default. */
  readonly settleMs?: number
}

/** Takes one message per line (LF or CR LF; empty ones are none) from a stream, for files and pipes. */
export interface Stdin {
  /** Resolves when the input has ended and its lines are taken. */
  readonly ended: Promise<void>
  status(): ListenerStatus
  /** Reads no more, and resolves when all that was taken is safe. */
  stop(): Promise<void>
}

/** Begins to read at once; waits while the journal is behind. */
export function createStdin({ input, maxFrameBytes, settleMs = 2000, ...rest }: StdinOptions): Stdin {
  const { log } = rest
  const counts = createCounts()
  const intake = createIntake({ ...rest, listener: 'stdin', maxFrameBytes, counts, settleMs })
  let resumed = Promise.withResolvers<void>()
  const stream = intake.open(() => resumed.resolve())
  const limit = createLineLimit(maxFrameBytes, bytes => {
    counts.bytes += bytes
  })
  const lines = input.pipe(limit).pipe(split2())
  let reading = true
  let givenUp = false
  let stopped: Promise<void> | undefined

  input.once('error', error => {
    log.error({ reason: messageOf(error) }, 'Standard input broke off; what came before is kept.')
    limit.end()
  })

  async function read(): Promise<void> {
    for await (const line of lines) {
      const bytes = bytesOfLine(String(line))
      if (bytes.length === 0) continue
      const truncated = bytes.length > maxFrameBytes
      const frame = truncated ? bytes.subarray(0, maxFrameBytes) : bytes
      while (!givenUp && !stream.add(frame, truncated ? frameTruncated : 0)) {
        await resumed.promise
        resumed = Promise.withResolvers()
      }
      if (givenUp) break
      if (truncated) counts.problem('truncated')
    }
    reading = false
  }
  const ended = read()

  async function close(): Promise<void> {
    input.unpipe(limit)
    limit.end()
    const late = setTimeout(() => {
      givenUp = true
      resumed.resolve()
    }, settleMs)
    await ended
    clearTimeout(late)
    stream.end()
    await intake.stop()
  }

  return {
    ended,
    status() {
      const { frames, bytes, problems } = counts
      return { name: 'stdin', address: '-', port: 0, connections: reading ? 1 : 0, frames, bytes, problems }
    },
    stop: () => (stopped ??= close())
  }
}
