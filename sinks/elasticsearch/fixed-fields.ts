import type { LogEvent, PlatformEvent } from '../../src/core/event.ts'
import type { AppError } from '../../src/core/json-line.ts'
import { type JsonObject, withoutEmpty } from './json-object.ts'
import { routerFields } from './router-fields.ts'
import { sourceFragment } from './source-fragment.ts'

/** The events that become documents. */
export type DocumentEvent = LogEvent | PlatformEvent

/** All of a document but the app's own JSON: names and types that templates.ts maps. The order of keys is document.ts's. */
export function fixedFields(event: DocumentEvent): JsonObject {
  return event.kind === 'log' ? logFields(event) : platformEventFields(event)
}

function logFields(event: LogEvent): JsonObject {
  const { detail } = event
  const json = detail?.kind === 'json' ? detail : undefined
  const line = detail?.kind === 'router' ? routerFields(detail) : undefined
  const error = json?.error ?? (event.problem === undefined ? undefined : { message: event.problem })
  return {
    '@timestamp': event.timestamp,
    event: withoutEmpty({
      id: event.id,
      sequence: event.frame,
      created: json?.time,
      duration: line?.duration,
      original: event.originalBase64
    }),
    message: event.message,
    log: { level: event.level },
    ...withoutEmpty({
      stream: event.stream,
      cloudfoundry: withoutEmpty({
        ...sourceFragment(event.source, 'log'),
        timestamp: sentTimestamp(event),
        router: line?.router
      }),
      http: line?.http,
      url: line?.url,
      client: line?.client,
      user_agent: line?.userAgent,
      trace: withoutEmpty({ id: detail?.traceId }),
      span: withoutEmpty({ id: detail?.spanId }),
      error: errorFields(error),
      tags: event.marks.length > 0 ? event.marks : undefined
    })
  }
}

/** `error` of a document. */
export const errorFields = ({ type, message, stack }: AppError = {}): JsonObject =>
  withoutEmpty({ type, message, stack_trace: stack })

function platformEventFields(event: PlatformEvent): JsonObject {
  return {
    '@timestamp': event.timestamp,
    event: withoutEmpty({ id: event.id, sequence: event.frame, action: event.title }),
    message: event.body,
    log: { level: 'info' },
    ...withoutEmpty({
      cloudfoundry: withoutEmpty({ ...sourceFragment(event.source, 'event'), timestamp: sentTimestamp(event) }),
      tags: event.marks.length > 0 ? event.marks : undefined
    })
  }
}

const maxTimestampLength = 64

/** The TIMESTAMP as it was sent (RFC 5424 6.2.3), where the receipt time had to stand in for it. */
const sentTimestamp = (event: DocumentEvent): string | undefined => event.originalTime?.slice(0, maxTimestampLength)
