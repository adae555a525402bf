import type { Refusals, Sink } from '../../src/core/contract.ts'
import { CulvertError } from '../../src/core/errors.ts'
import type { Event } from '../../src/core/event.ts'
import { prepareBucket } from './bucket.ts'
import { callError, createClient, droppedPoints, statusOf } from './client.ts'
import { encodeLines } from './line-protocol.ts'
import { type InfluxdbOptions, influxdbOptions } from './options.ts'

/**
 * Gauges, counters and timers as points of an InfluxDB 2 bucket. A point that comes twice overwrites itself. What InfluxDB refuses as a
 * whole is the lane's to halve; where it says that it refused every point, they are rejected at once.
 */
export function createInfluxdbSink(given: InfluxdbOptions): Sink {
  const options = influxdbOptions.parse(given)
  const client = createClient(options)
  let prepared = false

  async function prepare(): Promise<void> {
    if (prepared) return
    await prepareBucket(client.influx, options).catch(error => {
      const { code, message, retryAfterMs } = callError(error)
      // nothing that the lane could halve: whatever it is, somebody must put it right
      const retryable = code === 'SINK_REFUSED_BATCH' ? 'SINK_UNAVAILABLE' : code
      throw new CulvertError(retryable, message, { cause: error, retryable: true, retryAfterMs })
    })
    prepared = true
  }

  async function write(batch: readonly Event[], signal: AbortSignal): Promise<Refusals> {
    await prepare()
    const { body, count, unsayable } = encodeLines(batch)
    if (count === 0) return { retry: [], rejected: unsayable, duplicates: 0 }
    try {
      await client.post(body, signal)
      return { retry: [], rejected: unsayable, duplicates: 0 }
    } catch (error) {
      if (statusOf(error) === 404) prepared = false // somebody deleted the bucket: the next write looks for it
      const refusal = callError(error)
      // else the lane halves the batch, and an unsayable event is rejected with its half
      if (droppedPoints(error) !== count) throw refusal
      const reasons = new Map(unsayable.map(({ index, reason }) => [index, reason]))
      const rejected = batch.map((_, index) => ({ index, reason: reasons.get(index) ?? refusal.message }))
      return { retry: [], rejected, duplicates: 0 }
    }
  }

  return {
    kind: 'influxdb',
    limits: {
      maxEvents: options.maxBatchEvents,
      maxBytes: options.maxBatchBytes,
      maxAgeMs: options.maxBatchAgeMs,
      maxInFlight: options.maxInFlight
    },
    accepts: ({ kind }) => kind === 'gauge' || kind === 'counter' || kind === 'timer',
    start: prepare,

    write,
    /** InfluxDB knows no other way of writing: a point of the same series and time is written over. */
    replace: write,

    async stop() {
      client.close()
    }
  }
}
