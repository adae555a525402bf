import { z } from 'zod'
import type { Processor } from '../src/core/contract.ts'
import { type BaseArguments, type Event, type LogEvent, PlatformEvent, withBase } from '../src/core/event.ts'
import type { Source } from '../src/core/source.ts'
import type { Detector } from './redact/detector.ts'
import { allDetectors, detectorNames } from './redact/detectors.ts'
import { createFieldNames, fieldName, maxNameLength } from './redact/field-names.ts'
import { namedFields } from './redact/named-fields.ts'
import { patternDetector } from './redact/patterns.ts'
import { createPrefilter } from './redact/prefilter.ts'
import { createTextRedaction } from './redact/text.ts'
import { createRewriter, withMark } from './rewrite.ts'

const maxNames = 100
const maxPatterns = 16

/** What most people call what nobody should read. */
const usualFields = [
  ...['*password', '*passwd', '*secret', '*api_key', '*secret_access_key', '*private_key', '*session_token'],
  ...['token', 'access_token', 'refresh_token', 'id_token', 'auth_token', 'authorization', 'proxy_authorization']
]

const onRequest = new Set(['github', 'slack', 'email'])

const pattern = z
  .instanceof(RegExp)
  .refine(expression => !new RegExp(expression.source, expression.flags.replace(/[gy]/g, '')).test(''), {
    error: 'a pattern must not match the empty text'
  })

/** What `redact()` may be told. */
export const redactOptions = z.strictObject({
  detect: z
    .array(z.enum(detectorNames))
    .default(detectorNames.filter(name => !onRequest.has(name)))
    .describe('Detectors that are on; those of the default cost next to nothing on lines without secrets.'),
  fields: z
    .array(z.string().max(maxNameLength).regex(fieldName, 'a name has letters, digits, `_`, `.` and `-`'))
    .max(maxNames)
    .default(usualFields)
    .describe(
      'Names of fields whose values go, in any usual spelling (`api_key`, `apiKey`, `API-KEY`); with a star in front all that end so.'
    ),
  pattern: z
    .union([pattern, z.array(pattern).max(maxPatterns)])
    .default([])
    .describe(
      'Expressions of your own, one or several; all that they match goes. One that takes ages takes ages here too.'
    ),
  with: z.string().min(1).max(64).default('***').describe('What stands in the place of a secret.')
})

export type RedactOptions = z.input<typeof redactOptions>

/**
 * Takes secrets out of all that is stored or shown of an event: a log's text and whatever is read from it, a platform event's title and body,
 * the tags of a source. An event from which something was taken has the mark `redacted`. See docs/processors.md for where it ends.
 */
export function redact(given: RedactOptions = {}): Processor {
  const options = redactOptions.parse(given)
  const names = options.fields.length === 0 ? undefined : createFieldNames(options.fields)
  const detectors: readonly Detector[] = [
    ...allDetectors.filter(({ name }) => options.detect.some(wanted => wanted === name)),
    ...(names === undefined ? [] : [namedFields(names)]),
    ...[options.pattern].flat().map(patternDetector)
  ]
  const prefilter = createPrefilter(detectors)
  const redaction = createTextRedaction(detectors, names, options.with)
  const rewrite = createRewriter()
  const sources = new WeakMap<Source, Source>()

  /** A timer's source is its own: nothing to keep. */
  function sourceOf({ kind, source }: Event): Source {
    const known = kind === 'timer' ? undefined : sources.get(source)
    if (known !== undefined) return known
    const safe = redaction.source(source)
    if (kind !== 'timer') sources.set(source, safe)
    return safe
  }

  const isPlain = (event: Event): boolean =>
    sources.get(event.source) === event.source &&
    (event.kind === 'log' ? event.changes?.message === undefined : event.kind !== 'event')

  /** What is not the text of a line: tags, a platform event's title and body, the message that a processor gave a log. */
  function elsewhere(event: Event): Event {
    const { record, frame, timeMicros, tieBreak } = event
    const source = sourceOf(event)
    const base: BaseArguments = [record, frame, source, timeMicros, tieBreak, withMark(event.marks, 'redacted')]
    if (event.kind === 'event') {
      const title = redaction.text(event.title)
      const body = redaction.text(event.body)
      const isSame = source === event.source && title === event.title && body === event.body
      return isSame ? event : new PlatformEvent(base, title, body)
    }
    const moved = source === event.source ? event : withBase(event, base)
    if (moved.kind !== 'log' || moved.changes?.message === undefined) return moved
    const message = redaction.text(moved.changes.message)
    return message === moved.changes.message ? moved : moved.with({ message, marks: base[5] })
  }

  return {
    name: 'redact',
    process(given) {
      const flags = prefilter(given)
      const events = given.map(event => (isPlain(event) ? event : elsewhere(event)))
      const texts = new Map<LogEvent, Buffer>()
      for (let i = 0; i < events.length; i++) {
        const event = events[i]!
        const text = event.kind === 'log' && flags[i] !== 0 ? redaction.bytes(event, flags[i]!) : undefined
        if (event.kind === 'log' && text !== undefined) texts.set(event, text)
      }
      return texts.size === 0 ? events : rewrite(events, texts, 'redacted')
    }
  }
}
