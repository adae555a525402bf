import type { Event, Level, LogEvent } from '../../src/core/event.ts'
import { base64urlBytes } from '../../src/core/identity.ts'
import type { JsonLine } from '../../src/core/json-line.ts'
import type { RecordView } from '../../src/core/record.ts'
import { documentOf } from './document.ts'
import { JsonOut } from './json-out.ts'
import { writeRouterFields } from './router-encoder.ts'
import { fragmentOf } from './source-bytes.ts'

const text = (value: string): Buffer => Buffer.from(value, 'latin1')

const actionStart = text('{"create":{"_id":"')
const actionEnd = text('"}}\n{"@timestamp":"')
const beforeId = text('Z","event":{"id":"')
const beforeSequence = text('","sequence":')
const beforeCreated = text(',"created":')
const beforeDuration = text(',"duration":')
const beforeMessage = text('},"message":')
const beforeLevel = text(',"log":{"level":"')
const stdout = text('"},"stream":"stdout"')
const stderr = text('"},"stream":"stderr"')
const noStream = text('"}')
const beforeTrace = text(',"trace":{"id":')
const beforeSpan = text(',"span":{"id":')
const beforeApp = text(',"app":')
const beforeNumbers = text(',"app_num":{')
const documentEnd = text('}\n')
const levelBytes: Readonly<Record<Level, Buffer>> = {
  trace: text('trace'),
  debug: text('debug'),
  info: text('info'),
  warn: text('warn'),
  error: text('error'),
  fatal: text('fatal')
}
const quote = 0x22
const closeBrace = 0x7d
const comma = 0x2c
/** Everything of a document that does not grow with the line: constants, ids, times, numbers. */
const fixedBytes = 2048
const maxPathBytes = 256
/** So that the last events of a usual batch do not make the buffer grow for what they could need at worst. */
const slackBytes = 128 * 1024

/**
 * The body of a bulk request, written from the bytes of the records without making strings. It takes the events that hot paths
 * are made of: unchanged, unmarked logs, text or safe JSON or router lines. All others go through `documentOf`, which is the
 * document's definition; test/sinks/elasticsearch/encoder.test.ts holds one against the other.
 */
export function createBulkEncoder() {
  let record: RecordView | undefined
  let idBytes: Buffer = Buffer.alloc(28)
  let second = -1
  const secondBytes = Buffer.alloc(20)

  function writeId(out: JsonOut, offset: number): void {
    out.raw(idBytes)
    const { bytes, at } = out
    bytes[at] = base64urlBytes[(offset >>> 18) & 63]!
    bytes[at + 1] = base64urlBytes[(offset >>> 12) & 63]!
    bytes[at + 2] = base64urlBytes[(offset >>> 6) & 63]!
    bytes[at + 3] = base64urlBytes[offset & 63]!
    out.at = at + 4
  }

  /** Up to and with the nanoseconds. */
  function writeTime(out: JsonOut, micros: number, tieBreak: number): void {
    const wholeSecond = Math.floor(micros / 1e6)
    if (wholeSecond !== second) {
      second = wholeSecond
      secondBytes.write(new Date(second * 1000).toISOString(), 0, 20, 'latin1')
    }
    out.raw(secondBytes)
    out.digits(micros - wholeSecond * 1e6, 6)
    out.digits(tieBreak, 3)
  }

  function writeHead(out: JsonOut, event: LogEvent): void {
    if (event.record !== record) {
      record = event.record
      idBytes = text(record.idText)
    }
    const offset = event.record.frameStart(event.frame)
    out.raw(actionStart)
    writeId(out, offset)
    out.raw(actionEnd)
    writeTime(out, event.timeMicros, event.tieBreak)
    out.raw(beforeId)
    writeId(out, offset)
    out.raw(beforeSequence)
    out.integer(event.frame)
  }

  function writeString(out: JsonOut, source: Buffer, start: number, end: number): void {
    out.bytes[out.at++] = quote
    out.escaped(source, start, end)
    out.bytes[out.at++] = quote
  }

  /** False where the general path has to write the event; what was written so far is then taken back. */
  function writeLog(out: JsonOut, event: LogEvent): boolean {
    const { detail, record: source } = event
    const { bytes } = source
    const fragment = fragmentOf(event.source)
    out.reserve(fixedBytes + fragment.length + (event.byteLength + 64) * 6)
    const json = detail?.kind === 'json' ? detail : undefined
    const router = detail?.kind === 'router' ? detail : undefined
    if (json !== undefined && (json.ranges === undefined || json.numbers === undefined || json.error !== undefined))
      return false
    const start = out.at
    writeHead(out, event)
    if (json !== undefined) {
      const created = json.ranges![2]!
      if (created >= 0) {
        out.raw(beforeCreated)
        out.raw(bytes, created, json.ranges![3]!)
      } else if (created === -2 && json.time !== undefined) {
        out.raw(beforeCreated)
        out.ascii(`"${json.time}"`)
      }
    } else if (router?.responseTime !== undefined) {
      out.raw(beforeDuration)
      out.integer(Math.round(router.responseTime * 1e9))
    }
    out.raw(beforeMessage)
    if (json !== undefined && json.ranges![0]! >= 0) out.raw(bytes, json.ranges![0]!, json.ranges![1]!)
    else if (json !== undefined && json.ranges![0] === -2) out.ascii(asciiJson(event.message))
    else writeString(out, bytes, event.messageStart, event.messageEnd)
    out.raw(beforeLevel)
    out.raw(levelBytes[event.level])
    out.raw(event.priority === 14 ? stdout : event.priority === 11 ? stderr : noStream)
    out.raw(fragment)
    if (router !== undefined) {
      if (!writeRouterFields(out, bytes, router)) {
        out.at = start
        return false
      }
    } else out.bytes[out.at++] = closeBrace
    if (json !== undefined) {
      if (!writeApp(out, bytes, json)) {
        out.at = start
        return false
      }
    }
    out.raw(documentEnd)
    return true
  }

  function writeApp(out: JsonOut, bytes: Buffer, json: JsonLine): boolean {
    const ranges = json.ranges!
    writeTraceId(out, bytes, beforeTrace, ranges[4]!, ranges[5]!, json, 'traceId')
    writeTraceId(out, bytes, beforeSpan, ranges[6]!, ranges[7]!, json, 'spanId')
    out.raw(beforeApp)
    out.raw(bytes, json.start, json.end)
    const numbers = json.numbers!
    if (numbers.length === 0) return true
    out.reserve(fixedBytes + numbers.length * 4 * maxPathBytes)
    out.raw(beforeNumbers)
    for (let i = 0; i < numbers.length; ) {
      const segments = numbers[i++]!
      out.bytes[out.at++] = quote
      const path = out.at
      for (let j = 0; j < segments; j++) {
        if (j > 0) out.bytes[out.at++] = 0x2e
        out.raw(bytes, numbers[i]!, numbers[i + 1]!)
        i += 2
      }
      if (out.at - path > maxPathBytes) return false
      out.bytes[out.at++] = quote
      out.bytes[out.at++] = 0x3a
      out.raw(bytes, numbers[i]!, numbers[i + 1]!)
      i += 2
      out.bytes[out.at++] = comma
    }
    out.bytes[out.at - 1] = closeBrace
    return true
  }

  function writeTraceId(
    out: JsonOut,
    bytes: Buffer,
    before: Buffer,
    start: number,
    end: number,
    json: JsonLine,
    name: 'traceId' | 'spanId'
  ): void {
    if (start === -1) return
    const id = start >= 0 ? undefined : json[name]
    if (start === -2 && id === undefined) return
    out.raw(before)
    if (id === undefined) out.raw(bytes, start, end)
    else out.ascii(`"${id}"`)
    out.bytes[out.at++] = closeBrace
  }

  function writeGeneral(out: JsonOut, event: Event): void {
    if (event.kind !== 'log' && event.kind !== 'event') return
    const line = Buffer.from(`{"create":{"_id":"${event.id}"}}\n${JSON.stringify(documentOf(event))}\n`)
    out.reserve(line.length)
    out.raw(line)
  }

  return {
    encode(batch: readonly Event[]): Buffer {
      let bytes = slackBytes
      for (const event of batch) bytes += event.byteLength * 1.25 + 512
      const out = new JsonOut(Math.ceil(bytes))
      for (const event of batch) {
        const plain = event.kind === 'log' && event.changes === undefined && event.marks.length === 0
        if (!plain || !writeLog(out, event)) writeGeneral(out, event)
      }
      return out.taken()
    }
  }
}
export type BulkEncoder = ReturnType<typeof createBulkEncoder>

/** JSON text of a string with nothing but ASCII in it. */
const asciiJson = (value: string): string =>
  JSON.stringify(value).replace(/[\u0080-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
