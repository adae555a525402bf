import type { LogEvent, PlatformEvent } from './event.ts'
import type { PlainSource } from './plain.ts'

const escapes = /\\u[0-9a-f]{4}|\\./gi
const lettersInEscapes = /\\[bfnrtu]/

/** JSON text with spaces for its escapes; none that a line contains stands for a letter or digit: see `appText`. */
export const withoutEscapes = (json: string): string =>
  lettersInEscapes.test(json) ? json.replace(escapes, ' ') : json

/** The app's object as JSON without letters in escapes: the bytes as sent where that is safe, else printed anew. */
export function appText({ detail, record }: LogEvent): string {
  if (detail?.kind !== 'json') return ''
  if (detail.safe) {
    const text = record.bytes.toString('utf8', detail.start, detail.end)
    if (!text.includes('\\u') && !text.includes('\t')) return text
  }
  const app = detail.parse()
  return app === undefined ? '' : JSON.stringify(app)
}

/** Whether what people read is a part of the app's object, so that it need not be searched twice. */
export const isMessageInApp = ({ changes, detail }: LogEvent): boolean =>
  changes?.message === undefined && detail?.kind === 'json' && detail.message !== undefined

/** What a text search looks at, besides the names of the source: the message and the app's object, as JSON without escapes. */
export function searchTextOf(event: LogEvent | PlatformEvent): string {
  if (event.kind === 'event') return `${event.title}: ${event.body}`
  const app = appText(event)
  const message = app !== '' && isMessageInApp(event) ? '' : JSON.stringify(event.message)
  return withoutEscapes(`${message}\t${app}`)
}

/** The names that a text search finds lines by. */
export const namesText = ({ app, space, org }: Pick<PlainSource, 'app' | 'space' | 'org'>): string =>
  `${app} / ${space} / ${org}`
