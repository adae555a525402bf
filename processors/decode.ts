import { isUtf8 } from 'node:buffer'
import { messageOf } from '../src/core/errors.ts'
import { type Event, LogEvent, type Mark, noMarks } from '../src/core/event.ts'
import { frameResynchronised, frameTruncated, headerBytes, type RecordView } from '../src/core/record.ts'
import { isMetricElement, type MetricElement, readMetric } from './envelope.ts'
import { createHeader, elementEnd, elementName, parameters, readHead, readNames } from './rfc5424.ts'
import { readSource, unknownSource } from './source.ts'
import { createEntry, createSourceTable, forgetTimes, type SourceEntry, tieBreak } from './source-table.ts'
import { parseMicros } from './timestamp.ts'

export interface Decoder {
  /** The events of a record, one a frame, in order. What cannot be parsed is a log with its whole frame as text and a mark. */
  decode(record: RecordView): Event[]
  /** Distinct sources held now. */
  readonly sources: number
}

const noParameters: Readonly<Record<string, string>> = {}
const space = 0x20
const lineFeed = 0x0a
const openBracket = 0x5b

const tagsElement = Buffer.from('[tags@')

function beginsWith(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false
  return true
}

/** Turns frames into events. Sources are interned per decoder, at most `maxSources`. */
export function createDecoder({ maxSources = 65_536 }: { maxSources?: number } = {}): Decoder {
  const logs = createSourceTable(maxSources)
  const metrics = createSourceTable(maxSources)
  const header = createHeader()
  const unknown = createEntry(unknownSource, Buffer.alloc(0))
  let key = keyOf(4096)
  let serial = 0
  /** Sources with more times in the record at hand than are kept. */
  const large: SourceEntry[] = []

  /** The entry of a metric's source: its names and tags lie apart, so they are put together first. */
  function metricEntry(bytes: Buffer, tagsStart: number, tagsEnd: number): SourceEntry {
    const { hostStart, procEnd } = header
    const length = procEnd - hostStart + tagsEnd - tagsStart
    if (length > key.bytes.length) key = keyOf(length * 2)
    bytes.copy(key.bytes, 0, hostStart, procEnd)
    bytes.copy(key.bytes, procEnd - hostStart, tagsStart, tagsEnd)
    return metrics.intern(key, 0, length, length, () => sourceOf(bytes, tagsStart, tagsEnd, 'metric'))
  }

  function sourceOf(bytes: Buffer, tagsStart: number, tagsEnd: number, kind: 'log' | 'metric') {
    const tags = tagsEnd > tagsStart ? parameters(bytes, tagsStart, tagsEnd) : noParameters
    return readSource(
      bytes.toString('utf8', header.hostStart, header.hostEnd),
      bytes.toString('utf8', header.appStart, header.appEnd),
      bytes.toString('utf8', header.procStart, header.procEnd),
      tags,
      kind
    )
  }

  function decodeFrame(record: RecordView, frame: number, start: number, end: number, given: readonly Mark[]): Event {
    const { bytes } = record
    let stop = end
    if (stop > start && bytes[stop - 1] === lineFeed) stop--
    const problem = readHead(bytes, start, stop, header)
    if (problem !== undefined) return unparsed(record, frame, start, stop, given, problem)
    let timeMicros = parseMicros(record, header.timeStart, header.timeEnd)
    let marks = given
    if (Number.isNaN(timeMicros)) {
      timeMicros = record.receiptTime * 1000
      marks = [...marks, 'time_out_of_range']
    }
    const { hostStart, priority } = header
    const known = logs.recent(record, hostStart, stop)
    if (known !== undefined)
      return log(record, frame, known, timeMicros, marks, priority, hostStart + known.bytes.length, stop)
    const missing = readNames(bytes, stop, header)
    if (missing !== undefined) return unparsed(record, frame, start, stop, given, missing)
    let p = header.dataStart
    if (bytes[p] !== openBracket) p++
    let metric: MetricElement | undefined
    let metricParameters: Readonly<Record<string, string>> = noParameters
    let tagsStart = header.dataStart
    let tagsEnd = tagsStart
    while (bytes[p] === openBracket && p < stop) {
      const next = elementEnd(bytes, p, stop)
      if (next < 0) return unparsed(record, frame, start, stop, given, 'has structured data that does not end')
      const isTags = beginsWith(bytes, p, tagsElement)
      const name = isTags ? 'tags' : elementName(bytes, p, next)
      if (isMetricElement(name)) {
        metric = name
        metricParameters = parameters(bytes, p, next)
      } else if (isTags || tagsEnd === tagsStart) {
        tagsStart = p
        tagsEnd = next
      }
      p = next
    }
    if (p < stop && bytes[p] !== space)
      return unparsed(record, frame, start, stop, given, 'has no space after its structured data')

    if (metric !== undefined) {
      // A timer's tags hold the request's id: interning them would only push the others out.
      const entry =
        metric === 'timer@47450'
          ? createEntry(sourceOf(bytes, tagsStart, tagsEnd, 'metric'), unknown.bytes)
          : metricEntry(bytes, tagsStart, tagsEnd)
      const tie = tieBreak(entry, serial, timeMicros, large)
      const event = readMetric(metric, metricParameters, [record, frame, entry.source, timeMicros, tie, marks])
      return event ?? unparsed(record, frame, start, stop, given, `has a ${metric} without what it needs`)
    }
    const entry = logs.intern(record, hostStart, p, stop, () => sourceOf(bytes, tagsStart, tagsEnd, 'log'))
    return log(record, frame, entry, timeMicros, marks, priority, p, stop)
  }

  /** `at` is the space after the structured data, or the end. */
  function log(
    record: RecordView,
    frame: number,
    entry: SourceEntry,
    timeMicros: number,
    marks: readonly Mark[],
    priority: number,
    at: number,
    stop: number
  ): LogEvent {
    const { bytes } = record
    let text = Math.min(at + 1, stop)
    if (bytes[text] === 0xef && bytes[text + 1] === 0xbb && bytes[text + 2] === 0xbf) text = Math.min(text + 3, stop) // RFC 5424 6.4: BOM
    return new LogEvent(
      record,
      frame,
      entry.source,
      timeMicros,
      tieBreak(entry, serial, timeMicros, large),
      marks,
      priority,
      text,
      stop
    )
  }

  function unparsed(
    record: RecordView,
    frame: number,
    start: number,
    stop: number,
    given: readonly Mark[],
    problem: string
  ): LogEvent {
    const micros = record.receiptTime * 1000
    const marks: readonly Mark[] = [...given, 'unparsed']
    const tie = tieBreak(unknown, serial, micros, large)
    return new LogEvent(
      record,
      frame,
      unknownSource,
      micros,
      tie,
      marks,
      14,
      start,
      stop,
      undefined,
      undefined,
      problem
    )
  }

  /** A frame on which we fail is kept like one that is no RFC 5424 message: it must not hold back its record for ever. */
  function decodeOrKeep(record: RecordView, frame: number, start: number, end: number, given: readonly Mark[]): Event {
    try {
      return decodeFrame(record, frame, start, end, given)
    } catch (error) {
      return unparsed(record, frame, start, end, given, `could not be decoded: ${messageOf(error)}`)
    }
  }

  function decodeAll(record: RecordView, decodeOne: typeof decodeFrame): Event[] {
    serial++
    const { bytes, frameCount } = record
    const frames = bytes.subarray(headerBytes, record.framesEnd)
    const clean = isUtf8(frames) && !frames.includes(0)
    const events: Event[] = new Array(frameCount)
    for (let frame = 0; frame < frameCount; frame++) {
      const start = record.frameStart(frame)
      const end = start + record.frameLength(frame)
      const flags = record.frameMarks(frame)
      const marks = clean && flags === 0 ? noMarks : marksOf(flags, bytes.subarray(start, end))
      events[frame] = decodeOne(record, frame, start, end, marks)
    }
    if (large.length > 0) forgetTimes(large)
    return events
  }

  return {
    decode(record) {
      try {
        return decodeAll(record, decodeFrame)
      } catch {
        return decodeAll(record, decodeOrKeep)
      }
    },
    get sources() {
      return logs.size + metrics.size
    }
  }
}

function keyOf(length: number) {
  const bytes = Buffer.alloc(length)
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, length) }
}

function marksOf(flags: number, frame: Uint8Array): readonly Mark[] {
  const marks: Mark[] = []
  if ((flags & frameTruncated) !== 0) marks.push('truncated')
  if ((flags & frameResynchronised) !== 0) marks.push('resynchronised')
  if (!isUtf8(frame)) marks.push('not_utf8')
  if (frame.includes(0)) marks.push('nul')
  return marks.length === 0 ? noMarks : marks
}
