import type { LogEvent } from '../../src/core/event.ts'
import type { LogRow, PlainSource } from '../../src/core/plain.ts'

/**
 * A LogRow as the store keeps it: three pieces of JSON with tabs between (JSON text has no raw tab or line feed): everything else
 * | message | the app's object. The last two are what full-text search sees. A message that is part of the app's object stands in
 * the first piece, so that it is not searched twice. The source is kept apart.
 */
export function writeLine(row: LogRow, app: string, messageInApp: boolean): string {
  const rest = { ...row, source: undefined, app: undefined, message: messageInApp ? row.message : undefined }
  return `${JSON.stringify(rest)}\t${messageInApp ? '' : JSON.stringify(row.message)}\t${app}`
}

export function readLine(line: string, source: PlainSource): LogRow {
  const [rest = '', message = '', app = ''] = line.split('\t')
  return {
    ...JSON.parse(rest),
    ...(message !== '' && { message: JSON.parse(message) }),
    ...(app !== '' && { app: JSON.parse(app) }),
    source
  }
}

const escapes = /\\u[0-9a-f]{4}|\\./gi
const lettersInEscapes = /\\[bfnrtu]/

/** JSON text with spaces for its escapes; none that a line contains stands for a letter or digit: see `appText`. */
export const withoutEscapes = (json: string): string =>
  lettersInEscapes.test(json) ? json.replace(escapes, ' ') : json

/** What full-text search sees of a line. */
export const searchText = (line: string): string => withoutEscapes(line.slice(line.indexOf('\t')))

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
