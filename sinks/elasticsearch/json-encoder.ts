import type { LogEvent } from '../../src/core/event.ts'
import { type JsonLine, jsonRanges } from '../../src/core/json-line.ts'
import type { RecordView } from '../../src/core/record.ts'
import { appNumbers } from './app-numbers.ts'
import { errorFields } from './fixed-fields.ts'
import type { IsoMillis } from './iso-millis.ts'
import { type JsonOut, piece } from './json-out.ts'

/** A line whose object may be spliced. */
export type SafeLine = JsonLine & { readonly ranges: Int32Array }

const beforeCreated = piece(',"created":"')
const beforeTrace = piece(',"trace":{"id":')
const beforeSpan = piece(',"span":{"id":')
const beforeError = piece(',"error":')
const beforeApp = piece(',"app":')
const beforeNumbers = piece(',"app_num":')

const quote = 0x22
const colon = 0x3a
const comma = 0x2c
const dot = 0x2e
const openBrace = 0x7b
const closeBrace = 0x7d
const maxPathBytes = 256

/** `event.created`: the app's own time. */
export function writeCreated(out: JsonOut, record: RecordView, json: SafeLine, isoMillis: IsoMillis): void {
  const at = json.rangesAt + jsonRanges.time
  const start = json.ranges[at]!
  if (start === -1) return
  out.piece(beforeCreated)
  if (start >= 0) out.raw(record, start + 1, json.ranges[at + 1]!)
  else {
    const first = record.bytes[json.ranges[json.rangesAt + jsonRanges.created]!]!
    const millis = first >= 0x30 && first <= 0x39 ? json.timeMillis : undefined
    const time = millis === undefined ? json.time : undefined
    if (millis !== undefined) isoMillis(out, millis)
    else if (time !== undefined) out.text(time)
    else {
      out.at -= beforeCreated.length
      return
    }
    out.byte(quote)
  }
}

export function writeMessage(out: JsonOut, event: LogEvent, json: SafeLine): void {
  const at = json.rangesAt + jsonRanges.message
  const start = json.ranges[at]!
  if (start >= 0) out.raw(event.record, start, json.ranges[at + 1]!)
  else if (start === -1) out.string(event.record, event.messageStart, event.messageEnd)
  else out.text(JSON.stringify(event.message))
}

/** Trace, span and error, then the object itself and its numbers. */
export function writeApp(out: JsonOut, record: RecordView, json: SafeLine): void {
  writeId(out, record, json, 'trace')
  writeId(out, record, json, 'span')
  const error = json.error
  if (error !== undefined) {
    out.piece(beforeError)
    out.text(JSON.stringify(errorFields(error)))
  }
  out.reserve(json.end - json.start + 64)
  out.piece(beforeApp)
  out.raw(record, json.start, json.end)
  const count = json.ranges[json.rangesAt + jsonRanges.numbers]!
  if (count > 0) writeNumbers(out, record, json)
  else if (count < 0) {
    const numbers = JSON.stringify(appNumbers(json.parse() ?? {}))
    if (numbers === '{}') return
    out.piece(beforeNumbers)
    out.text(numbers)
  }
}

function writeId(out: JsonOut, record: RecordView, json: SafeLine, name: 'trace' | 'span'): void {
  const at = json.rangesAt + jsonRanges[name]
  const start = json.ranges[at]!
  if (start === -1) return
  const id = start >= 0 ? undefined : name === 'trace' ? json.traceId : json.spanId
  if (start < 0 && id === undefined) return
  out.piece(name === 'trace' ? beforeTrace : beforeSpan)
  if (id === undefined) out.raw(record, start, json.ranges[at + 1]!)
  else out.text(`"${id}"`)
  out.byte(closeBrace)
}

function writeNumbers(out: JsonOut, record: RecordView, json: SafeLine): void {
  const { ranges } = json
  const first = json.rangesAt + jsonRanges.numbers + 1
  const last = first + ranges[first - 1]!
  out.reserve((last - first) * maxPathBytes)
  out.piece(beforeNumbers)
  out.byte(openBrace)
  for (let i = first; i < last; ) {
    const segments = ranges[i++]!
    out.byte(quote)
    for (let j = 0; j < segments; j++) {
      if (j > 0) out.byte(dot)
      out.raw(record, ranges[i]!, ranges[i + 1]!)
      i += 2
    }
    out.byte(quote)
    out.byte(colon)
    out.raw(record, ranges[i]!, ranges[i + 1]!)
    out.byte(comma)
    i += 2
  }
  out.at--
  out.byte(closeBrace)
}
