import { isoNanos } from '../../src/core/event.ts'
import { type DocumentEvent, fixedFields } from './fixed-fields.ts'
import { isObject, type JsonObject } from './json-object.ts'

/** Of `message` and `app_text`, in UTF-16 units: twice the default frame limit, so that nothing is cut that was not cut before. */
const maxTextLength = 262_144
/** Of every other text. */
const maxKeywordLength = 1024
/** Members of an object: only tags and a router line's extra fields have more than a few. */
const maxMembers = 64
/** µs; date_nanos ends in 2262. */
const maxMicros = 9.2e15

/**
 * The document of an event that Elasticsearch refused, in a form that it cannot refuse: the app's JSON is text, every field is
 * clamped, `error.message` says why. It has the same id and is as searchable by its fixed fields as any other.
 */
export function safeDocumentOf(event: DocumentEvent, reason: string): JsonObject {
  const fields = fixedFields(event)
  const inRange = event.timeMicros >= 0 && event.timeMicros <= maxMicros
  return {
    ...clampedObject(fields),
    '@timestamp': inRange ? event.timestamp : isoNanos(event.receiptTime * 1000, event.tieBreak),
    message: clampedText(fields['message'], maxTextLength),
    error: { message: clampedText(reason, maxKeywordLength) },
    tags: [...event.marks, 'safe_form'],
    ...(event.kind === 'log' && event.detail?.kind === 'json'
      ? { app_text: clampedText(event.text, maxTextLength) }
      : {})
  }
}

const clampedObject = (object: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(object)
      .slice(0, maxMembers)
      .map(([key, value]) => [clampedText(key, maxKeywordLength).replaceAll('\0', ''), clamped(value)])
  )

function clamped(value: unknown): unknown {
  if (typeof value === 'string') return clampedText(value, maxKeywordLength)
  if (typeof value === 'number')
    return Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : undefined
  return isObject(value) ? clampedObject(value) : undefined
}

const clampedText = (text: unknown, length: number): string => String(text).slice(0, length).toWellFormed()
