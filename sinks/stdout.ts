import type { Writable } from 'node:stream'
import { z } from 'zod'
import { allStored, type Sink } from '../src/core/contract.ts'
import { CulvertError, messageOf } from '../src/core/errors.ts'
import type { Event } from '../src/core/event.ts'
import { logRow, metricRow } from '../src/core/plain.ts'
import { bytesOption, durationOption } from '../src/core/quantity-options.ts'

const positive = z.number().int().min(1)

/** What `stdout()` may be told. Sizes are bytes, times ms. */
export const stdoutOptions = z.strictObject({
  maxBatchEvents: positive.default(1000).describe('Events in one write.'),
  maxBatchBytes: bytesOption(1, 2 ** 30)
    .default(1_000_000)
    .describe('Bytes of frames in one write.'),
  maxBatchAgeMs: durationOption(1, 36e5).default(100).describe('How long an event may wait for others.')
})

export type StdoutOptions = z.input<typeof stdoutOptions>

/**
 * Every event as one line of JSON: `logRow` or `metricRow` of src/core/plain.ts. A write is done when the stream has taken it, so a slow
 * reader slows the lane and nothing else. A stream that failed or closed is SINK_UNAVAILABLE. `stop` leaves the stream open: it is not ours.
 */
export function createStdoutSink(given: StdoutOptions = {}, stream: Writable = process.stdout): Sink {
  const options = stdoutOptions.parse(given)
  return {
    kind: 'stdout',
    limits: {
      maxEvents: options.maxBatchEvents,
      maxBytes: options.maxBatchBytes,
      maxAgeMs: options.maxBatchAgeMs,
      maxInFlight: 1
    },
    accepts: () => true,
    async start() {
      stream.on('error', ignore) // `write` tells of it; without a listener it would end the process
    },
    async write(batch, signal) {
      signal.throwIfAborted()
      await print(stream, batch.map(event => `${lineOf(event)}\n`).join(''), signal)
      return allStored
    },
    async stop() {
      stream.off('error', ignore)
    }
  }
}

function lineOf(event: Event): string {
  const row = logRow(event) ?? metricRow(event)
  try {
    return JSON.stringify(row, withNonFinite)
  } catch {
    // app JSON can be nested deeper than a stack; the message then is the whole line, or the app's own
    return JSON.stringify({ ...row, app: undefined }, withNonFinite)
  }
}

/** JSON would make null of NaN and the infinities: they are written as text, as protobuf's JSON does. */
const withNonFinite = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value

async function print(stream: Writable, text: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const abort = (): void => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    stream.write(text, error => (error ? reject(error) : resolve()))
    await promise
  } catch (error) {
    signal.throwIfAborted()
    throw new CulvertError('SINK_UNAVAILABLE', `Standard output takes no more: ${messageOf(error)}`, {
      cause: error,
      retryable: true
    })
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

const ignore = (): void => {}
