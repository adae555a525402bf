import { headerBytes, RecordView } from './record.ts'

/** Where the end of the frames' bytes stands in a record's header. */
const framesEndAt = 32

/**
 * A copy of a record with other texts: id, receipt time, and places, lengths and marks of its frames stay, so that its events keep their
 * ids. Its `bytes` are the texts, one after the other from `headerBytes` on, and nothing else of what was received: whatever reads an event of
 * it reads these. Only `frameBytes` still answers the frames.
 */
export function withTexts(record: RecordView, texts: readonly Uint8Array[]): RecordView {
  const bytes = Buffer.concat([
    record.bytes.subarray(0, headerBytes),
    ...texts,
    record.bytes.subarray(record.framesEnd) // the tables
  ])
  bytes.writeUInt32LE(
    texts.reduce((end, { length }) => end + length, headerBytes),
    framesEndAt
  )
  return new RecordView(bytes, record.partition, record)
}
