import type { DeadLetter } from '../core/dead-letter.ts'
import { type Event, withBase } from '../core/event.ts'
import { maxRecordBytes, recordIdBytes } from '../core/identity.ts'
import { headerBytes, RecordBuilder, RecordView } from '../core/record.ts'

/** The bytes of an event's id: its record's id, and the offset of its frame. */
const eventIdBytes = recordIdBytes + 3

export interface Parcel {
  readonly letter: DeadLetter
  readonly frame: Buffer
  readonly offset: number
}

/** A letter with its frame's bytes and place; undefined where it names none, as after a person's editing. */
export function parcelOf(letter: DeadLetter): Parcel | undefined {
  const id = Buffer.from(letter.id, 'base64url')
  if (id.length !== eventIdBytes || id.toString('base64url') !== letter.id) return undefined
  const frame = Buffer.from(letter.frame, 'base64')
  const offset = id.readUIntBE(recordIdBytes, 3)
  const isPlace = offset >= headerBytes && sizeOf([{ letter, frame, offset }]) <= maxRecordBytes
  return isPlace ? { letter, frame, offset } : undefined
}

/** Letters with the same key came in one record. */
export const recordKeyOf = ({ id, receiptTime, listener, lane }: DeadLetter): string =>
  `${id.slice(0, -4)}\n${receiptTime}\n${listener}\n${lane}`

/** What the record takes that holds these frames of one record. */
export const sizeOf = (parcels: readonly Parcel[]): number =>
  Math.max(...parcels.map(({ offset, frame }) => offset + frame.length)) + 8 * (lastOf(parcels) + 1) + 64

const lastOf = (parcels: readonly Parcel[]): number => Math.max(...parcels.map(({ letter }) => letter.sequence))

/**
 * The record that the frames came in, with nothing else in it: each frame lies at its old place and has its old number, so that its event has the
 * id that was written at ingest. The frames between them are empty.
 */
export function rebuild(parcels: readonly [Parcel, ...Parcel[]]): RecordView {
  const [{ letter }] = parcels
  const builder = new RecordBuilder(sizeOf(parcels))
  builder.bytes.fill(0)
  builder.beginRun(0)
  const bySequence = new Map(parcels.map(parcel => [parcel.letter.sequence, parcel]))
  for (let i = 0; i <= lastOf(parcels); i++) {
    const parcel = bySequence.get(i)
    builder.addFrame(parcel?.offset ?? headerBytes, parcel?.frame.length ?? 0, parcel?.letter.marks ?? 0)
  }
  for (const { frame, offset } of parcels) {
    frame.copy(builder.bytes, offset)
    builder.end = Math.max(builder.end, offset + frame.length)
  }
  const bytes = builder.finish(Buffer.from(letter.id, 'base64url'), 'stream', letter.listener)
  bytes.writeDoubleLE(letter.receiptTime, 24)
  return new RecordView(bytes, 0)
}

/** A new event with another tie-break: the frames that came before it are not there any more. */
export function withTieBreak(event: Event, tieBreak: number): Event {
  const { record, frame, source, timeMicros, marks } = event
  if (event.tieBreak === tieBreak) return event
  return withBase(event, [record, frame, source, timeMicros, tieBreak, marks])
}
