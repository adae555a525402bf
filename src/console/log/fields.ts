import type { LogRow } from '../../core/plain.ts'
import { formatBytes, formatClock, formatDay, formatDuration } from '../format.ts'

export const markWords: Readonly<Record<string, string>> = {
  truncated: 'cut at the frame limit',
  resynchronised: 'followed bytes that were skipped',
  not_utf8: 'some bytes are no UTF-8',
  nul: 'there are NUL bytes in it',
  json_rewritten: 'its JSON is printed anew: keys, numbers or depth that a store may refuse as sent',
  unparsed: 'no RFC 5424 message',
  time_out_of_range: 'time out of range: the receipt time stands in',
  processor_failed: 'a processor failed on it',
  redacted: 'something secret was taken out of it'
}

/** Every field of an event but its message, error and JSON, as name and words; what is absent or empty is left out. */
export function fieldsOf(row: LogRow): [name: string, value: string][] {
  const { source, http } = row
  const fields: [string, string | number | undefined][] = [
    ['time', row.time],
    ['local time', `${formatDay(row.time)} ${formatClock(row.time)}`],
    ['received', `${formatDay(row.receivedAt)} ${formatClock(row.receivedAt)}`],
    ['level', row.level],
    ['org', source.org],
    ['space', source.space],
    ['app', source.app],
    ['app id', source.appId],
    ['source type', source.type],
    ['process', source.process],
    ['instance', source.instance],
    ['stream', row.stream],
    ['method', http?.method],
    ['host', http?.host],
    ['path', http?.path],
    ['query', http?.query],
    ['status', http?.status],
    ['response time', http?.responseTimeMs === undefined ? undefined : formatDuration(http.responseTimeMs)],
    ['bytes received', http?.bytesReceived === undefined ? undefined : formatBytes(http.bytesReceived)],
    ['bytes sent', http?.bytesSent === undefined ? undefined : formatBytes(http.bytesSent)],
    ['user agent', http?.userAgent],
    ['remote address', http?.remoteAddress],
    ['request id', http?.requestId],
    ['router error', http?.routerError],
    ['trace id', row.traceId],
    ['span id', row.spanId],
    ['marks', row.marks?.map(mark => markWords[mark] ?? mark).join('; ')],
    ['problem', row.problem],
    ['original, base64', row.original],
    ['id', row.id]
  ]
  return fields.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, String(value)]]))
}
