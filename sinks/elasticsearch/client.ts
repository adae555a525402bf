import { Client, errors, Serializer } from '@elastic/elasticsearch'
import { CulvertError, messageOf } from '../../src/core/errors.ts'
import { retryAfterMs } from '../../src/core/retry-after.ts'
import { allAccepted, isClean } from './bulk-answer.ts'
import type { ParsedElasticsearchOptions } from './options.ts'

/** The answer to a bulk request names every item: it is parsed only if one of them was not simply stored. */
class BulkSerializer extends Serializer {
  override deserialize<T = unknown>(json: string): T {
    return super.deserialize<T>(isClean(json) ? allAccepted : json)
  }
}

/**
 * The official client without its own retries: those are the lane's, who counts them and never gives up. And without its redaction of errors,
 * which copies a body of 2 MB byte by byte into an object, 350 MiB and seconds of every failed call: `callError` keeps nothing of what was sent.
 */
export function createClient({ node, auth, caCertificate, requestTimeoutMs }: ParsedElasticsearchOptions): Client {
  return new Client({
    node,
    ...(auth === undefined ? {} : { auth }),
    ...(caCertificate === undefined ? {} : { tls: { ca: caCertificate } }),
    maxRetries: 0,
    requestTimeout: requestTimeoutMs,
    Serializer: BulkSerializer,
    redaction: { type: 'off' }
  })
}

/**
 * A call that failed as a whole. 400, 413, 422: the content is to blame, and the lane halves it. 401, 403: our credentials are.
 * Everything else is Elasticsearch's state or the way there, and passes.
 */
export function callError(error: unknown): CulvertError {
  if (error instanceof CulvertError) return error
  // not error.statusCode: that is what the body says, and a proxy's body may say anything
  const { statusCode: status, headers } = error instanceof errors.ResponseError ? error.meta : {}
  // the client's own errors hold the whole request, credentials and all
  const cause = error instanceof errors.ElasticsearchClientError ? undefined : error
  const message = `Elasticsearch ${status === undefined ? 'could not be reached' : `answered ${status}`}: ${messageOf(error)}`
  if (status === 400 || status === 413 || status === 422) {
    return new CulvertError('SINK_REFUSED_BATCH', message, { cause })
  }
  const code = status === 401 || status === 403 ? 'SINK_UNAUTHORIZED' : 'SINK_UNAVAILABLE'
  const retryAfter = retryAfterMs(headers?.['retry-after'])
  const untouched = status === 401 || status === 403 || status === 429 // what a security layer or a limit turns away
  return new CulvertError(code, message, { cause, retryable: true, retryAfterMs: retryAfter, untouched })
}
