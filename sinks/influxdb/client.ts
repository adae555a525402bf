import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { HttpError, InfluxDB } from '@influxdata/influxdb-client'
import { CulvertError, messageOf } from '../../src/core/errors.ts'
import { retryAfterMs } from '../../src/core/retry-after.ts'
import type { ParsedInfluxdbOptions } from './options.ts'

const maxMessageLength = 1000

/** The official client's transport. Its WriteApi is left aside: it drops points when its retry buffer is full. */
export function createClient({ url, token, org, bucket, caCertificate, requestTimeoutMs }: ParsedInfluxdbOptions) {
  const agent = url.startsWith('https:')
    ? new HttpsAgent({ keepAlive: true, ...(caCertificate === undefined ? {} : { ca: caCertificate }) })
    : new HttpAgent({ keepAlive: true })
  const influx = new InfluxDB({ url, token, timeout: requestTimeoutMs, transportOptions: { agent } })
  const path = `/api/v2/write?${new URLSearchParams({ org, bucket, precision: 'ns' })}`
  const headers = { 'content-type': 'text/plain; charset=utf-8' }

  return {
    influx,
    /** Throws what the transport throws. */
    async post(lines: string, signal: AbortSignal): Promise<void> {
      signal.throwIfAborted()
      // A signal of its own: the transport never takes its listener off again, and leaves a request that timed out on the line.
      const request = new AbortController()
      const abort = (): void => request.abort(signal.reason)
      signal.addEventListener('abort', abort, { once: true })
      try {
        await influx.transport.request(path, lines, { method: 'POST', headers, signal: request.signal })
      } finally {
        signal.removeEventListener('abort', abort)
        request.abort()
      }
    },
    close(): void {
      agent.destroy()
    }
  }
}

/**
 * A call that failed as a whole. 400: a line does not parse, and none is stored. 422: some points were refused, the others are stored. 413: too
 * large. The lane halves these; points that are sent again overwrite themselves. 404: the bucket or the organisation is missing, which a person can mend.
 */
export function callError(error: unknown): CulvertError {
  if (error instanceof CulvertError) return error
  const { statusCode: status, headers } = error instanceof HttpError ? error : {}
  const words = messageOf(error).slice(0, maxMessageLength)
  const message = `InfluxDB ${status === undefined ? 'could not be reached' : `answered ${status}`}: ${words}`
  if (status === 400 || status === 413 || status === 422) {
    return new CulvertError('SINK_REFUSED_BATCH', message, { cause: error })
  }
  const code = status === 401 || status === 403 ? 'SINK_UNAUTHORIZED' : 'SINK_UNAVAILABLE'
  const retryAfter = retryAfterMs(headers?.['retry-after'])
  return new CulvertError(code, message, { cause: error, retryable: true, retryAfterMs: retryAfter })
}

/** How many points a 422 says were not stored (`partial write: … dropped=3`). */
export function droppedPoints(error: unknown): number | undefined {
  const dropped = statusOf(error) === 422 ? /\bdropped=(\d+)/.exec(messageOf(error))?.[1] : undefined
  return dropped === undefined ? undefined : Number(dropped)
}

export const statusOf = (error: unknown): number | undefined =>
  error instanceof HttpError ? error.statusCode : undefined
