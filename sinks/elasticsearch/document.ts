import { appNumbers, isDeeperThan } from './app-numbers.ts'
import { type DocumentEvent, fixedFields } from './fixed-fields.ts'
import type { JsonObject } from './json-object.ts'
import { safeDocumentOf } from './safe-form.ts'

/** Objects and arrays within each other. Elasticsearch refuses objects deeper than 20 in a `flattened` field. */
export const maxAppDepth = 20

/**
 * An event as Elasticsearch document, for any event: the byte encoder gives the same for the events that it takes. Members that
 * would be empty are left out, but for `message`. In this order:
 *
 *     @timestamp                             nine digits, UTC
 *     event      {id, sequence, action?, created?, duration? (ns), original? (base64 of what is no UTF-8)}
 *     message
 *     log        {level}
 *     stream?
 *     cloudfoundry {…source-fragment.ts, timestamp?, router? {gorouter_time (s), backend_address, error, forwarded_for,
 *                forwarded_proto, app_index, instance_id, extra}}
 *     http?      {version, request {method, bytes, referrer, id}, response {status_code, bytes}}
 *     url?       {original, path, query, domain}
 *     client?    {address, ip}               user_agent? {original}
 *     trace?     {id}                        span?       {id}
 *     error?     {type, message, stack_trace}    the app's own; or why the frame is no RFC 5424 message
 *     tags?                                  what went wrong with the line
 *     app?, app_num?                         the app's own JSON object, and its numbers by dotted path
 *
 * App JSON nested deeper than `maxAppDepth` gives the safe form at once: it would be refused.
 */
export function documentOf(event: DocumentEvent): JsonObject {
  const app = event.kind === 'log' && event.detail?.kind === 'json' ? event.detail.parse() : undefined
  if (app === undefined) return fixedFields(event)
  if (isDeeperThan(app, maxAppDepth)) return safeDocumentOf(event, `app JSON is nested deeper than ${maxAppDepth}`)
  const numbers = appNumbers(app)
  return { ...fixedFields(event), app, ...(Object.keys(numbers).length > 0 ? { app_num: numbers } : {}) }
}
