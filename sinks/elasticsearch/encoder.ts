import { type Event, type LogEvent, levels, type Stream } from '../../src/core/event.ts'
import { documentOf } from './document.ts'
import { createDocumentHead } from './document-head.ts'
import { createIsoMillis } from './iso-millis.ts'
import { type SafeLine, writeApp, writeCreated, writeMessage } from './json-encoder.ts'
import { JsonOut, type Piece, piece } from './json-out.ts'
import { createOutBuffers } from './out-buffers.ts'
import { durationNanos, growth, writeRouterFields } from './router-encoder.ts'
import { fragmentOf } from './source-bytes.ts'

const beforeDuration = piece(',"duration":')
const beforeMessage = piece('},"message":')
const documentEnd = piece('}\n')

/** `log.level` and `stream`. */
const levelPieces = (stream: Stream | undefined): ReadonlyMap<string, Piece> =>
  new Map(
    levels.map(level => [
      level,
      piece(`,"log":{"level":"${level}"}${stream === undefined ? '' : `,"stream":"${stream}"`}`)
    ])
  )
const onStdout = levelPieces('stdout')
const onStderr = levelPieces('stderr')
const elsewhere = levelPieces(undefined)

const closeBrace = 0x7d
/** Everything of a document that does not grow with the line: constants, ids, times, numbers. */
const fixedBytes = 2048

/**
 * The body of a bulk request, written from the bytes of the records without making strings. It takes the events that hot paths
 * are made of: unchanged, unmarked logs, text or safe JSON or router lines. All others go through `documentOf`, which is the
 * document's definition; test/sinks/elasticsearch/encoder.test.ts holds one against the other.
 */
export function createBulkEncoder() {
  const head = createDocumentHead()
  const isoMillis = createIsoMillis()
  const buffers = createOutBuffers()

  /** False where the general path has to write the event; what was written so far is then taken back. */
  function writeLog(out: JsonOut, event: LogEvent): boolean {
    const { detail, record, priority } = event
    const json = detail?.kind === 'json' ? detail : undefined
    if (json !== undefined && !isSafe(json)) return false
    const router = detail?.kind === 'router' ? detail : undefined
    const fragment = fragmentOf(event.source)
    out.reserve(fixedBytes + fragment.length + (event.byteLength + 64) * (router === undefined ? 6 : growth))
    const start = out.at
    head.write(out, record, event.frame, event.timeMicros, event.tieBreak)
    out.integer(event.frame)
    if (json !== undefined) writeCreated(out, record, json, isoMillis)
    else if (router !== undefined) {
      const duration = durationNanos(record, router)
      if (duration >= 0) {
        out.piece(beforeDuration)
        out.integer(duration)
      }
    }
    out.piece(beforeMessage)
    out.backslashes = 0
    if (json !== undefined) writeMessage(out, event, json)
    else out.string(record, event.messageStart, event.messageEnd)
    const quoted = out.backslashes > 0
    out.piece((priority === 14 ? onStdout : priority === 11 ? onStderr : elsewhere).get(event.level)!)
    out.piece(fragment)
    if (router === undefined) out.byte(closeBrace)
    else if (quoted || !writeRouterFields(out, record, router)) {
      out.at = start
      return false
    }
    if (json !== undefined) writeApp(out, record, json)
    out.piece(documentEnd)
    return true
  }

  function writeGeneral(out: JsonOut, event: Event): void {
    if (event.kind !== 'log' && event.kind !== 'event') return
    out.text(`{"create":{"_id":"${event.id}"}}\n${JSON.stringify(documentOf(event))}\n`)
  }

  return {
    /** The bytes are the caller's until `release`. */
    encode(batch: readonly Event[]): Buffer {
      const out = new JsonOut(buffers.take())
      for (const event of batch) {
        const plain = event.kind === 'log' && event.changes === undefined && event.marks.length === 0
        if (!plain || !writeLog(out, event)) writeGeneral(out, event)
      }
      return out.bytes.subarray(0, out.at)
    },
    release: buffers.give
  }
}
export type BulkEncoder = ReturnType<typeof createBulkEncoder>

const isSafe = (json: { readonly ranges: Int32Array | undefined }): json is SafeLine => json.ranges !== undefined
