import split2 from 'split2'
import type { Journal } from '../src/core/contract.ts'
import type { Generation } from '../src/core/identity.ts'
import { frameTruncated } from '../src/core/record.ts'
import { createCounts } from './counts.ts'
import { createIntake } from './intake.ts'
import type { Log } from './log.ts'

export interface StdinOptions {
  readonly input: NodeJS.ReadableStream
  readonly journal: Journal
  readonly partitions: number
  readonly maxFrameBytes: number
  readonly log: Log
  readonly generation?: Generation
}

/** Takes one message per line from a stream, for files and pipes; waits while the journal is behind. */
export function createStdin({ input, maxFrameBytes, ...rest }: StdinOptions) {
  const counts = createCounts()
  const intake = createIntake({ ...rest, listener: 'stdin', maxFrameBytes, counts })
  let resumed = Promise.withResolvers<void>()
  const stream = intake.open(() => resumed.resolve())
  const lines = input.pipe(split2())

  async function read(): Promise<void> {
    for await (const line of lines) {
      const whole = Buffer.from(String(line))
      if (whole.length === 0) continue
      const kept = whole.subarray(0, maxFrameBytes)
      if (kept.length < whole.length) counts.problem('truncated')
      while (!stream.add(kept, kept.length < whole.length ? frameTruncated : 0)) {
        await resumed.promise
        resumed = Promise.withResolvers<void>()
      }
    }
  }
  const ended = read()

  return {
    /** Resolves when the input has ended and its lines are taken. */
    ended,
    status: () => ({
      name: 'stdin' as const,
      address: '-',
      port: 0,
      connections: 1,
      frames: counts.frames,
      bytes: counts.bytes,
      problems: counts.problems
    }),
    /** Takes no more, and resolves when all that was taken is safe. */
    async stop(): Promise<void> {
      input.unpipe(lines)
      lines.end()
      await ended
      stream.end()
      await intake.stop()
    }
  }
}
