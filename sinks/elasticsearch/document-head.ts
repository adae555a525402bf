import { base64urlBytes } from '../../src/core/identity.ts'
import type { RecordView } from '../../src/core/record.ts'
import { type JsonOut, piece, putDigits } from './json-out.ts'

const recordIdLength = 28
const text = Buffer.from(
  `{"create":{"_id":"${' '.repeat(32)}"}}\n{"@timestamp":"${' '.repeat(29)}Z","event":{"id":"${' '.repeat(32)}","sequence":`
)
const actionId = text.indexOf('"_id":"') + 7
const time = text.indexOf('"@timestamp":"') + 14
const eventId = text.indexOf('{"id":"') + 7
const fraction = time + 20

/**
 * The action line and a document's beginning, up to its sequence: of fixed width, so that it stands in one piece in which only what
 * differs from the event before is written anew.
 */
export function createDocumentHead() {
  const head = piece(text)
  const { bytes, view } = head
  let record: RecordView | undefined
  let second = -1

  return {
    write(out: JsonOut, from: RecordView, frame: number, timeMicros: number, tieBreak: number): void {
      if (from !== record) {
        record = from
        bytes.write(from.idText, actionId, recordIdLength, 'latin1')
        bytes.write(from.idText, eventId, recordIdLength, 'latin1')
      }
      const offset = offsetWord(from.frameStart(frame))
      view.setUint32(actionId + recordIdLength, offset)
      view.setUint32(eventId + recordIdLength, offset)
      const wholeSecond = Math.floor(timeMicros / 1e6)
      if (wholeSecond !== second) {
        second = wholeSecond
        bytes.write(new Date(second * 1000).toISOString(), time, 20, 'latin1')
      }
      putDigits(view, fraction, timeMicros - wholeSecond * 1e6, 6)
      putDigits(view, fraction + 6, tieBreak, 3)
      out.piece(head)
    }
  }
}

/** The last four characters of an event's id (identity.ts), big-endian. */
const offsetWord = (offset: number): number =>
  ((base64urlBytes[(offset >>> 18) & 63]! << 24) |
    (base64urlBytes[(offset >>> 12) & 63]! << 16) |
    (base64urlBytes[(offset >>> 6) & 63]! << 8) |
    base64urlBytes[offset & 63]!) >>>
  0
