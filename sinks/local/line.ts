import type { LogRow, PlainSource } from '../../src/core/plain.ts'
import { withoutEscapes } from '../../src/core/search-text.ts'

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

/** What full-text search sees of a line: the same as `searchTextOf` says of its event. */
export const searchText = (line: string): string => withoutEscapes(line.slice(line.indexOf('\t')))
