import { crc32 } from 'node:zlib'
import { maxRecordBytes } from '../core/identity.ts'
import { headerBytes, recordMagic } from '../core/record.ts'

/** Writes into a finished record what only the journal knows: its position, its receipt time (ms) and the checksum. */
export function sealRecord(record: Buffer, position: number, receiptTime: number): void {
  record.writeDoubleLE(position, 16)
  record.writeDoubleLE(receiptTime, 24)
  record.writeUInt32LE(crc32(record.subarray(12)), 8)
}

/** A stretch of the journal in which no good record was found. */
export interface Damage {
  readonly position: number
  readonly bytes: number
}

export interface Found {
  /** Good records, in order, each a part of the searched bytes. */
  readonly records: readonly Buffer[]
  readonly damage: readonly Damage[]
  /** The search goes on here. */
  readonly next: number
  /** More bytes than were given belong to the record at `next`: as many must be read. 0 where the search is at no record. */
  readonly wanted: number
}

/**
 * Finds the records in a stretch of a segment that begins at `position`; nothing at `limit` or behind it is one.
 *
 * Where no good record is, the next one is searched by magic, position and checksum, so that one bad sector costs the records that
 * lie in it, and no others.
 */
export function findRecords(bytes: Buffer, position: number, limit: number): Found {
  const records: Buffer[] = []
  const damage: Damage[] = []
  let at = 0
  let damagedFrom = -1
  let wanted = 0
  while (at < bytes.length) {
    const length = lengthOfRecord(bytes, at, position + at, limit)
    if (length > bytes.length - at) {
      wanted = length
      break
    }
    if (length > 0 && isWhole(bytes, at, length)) {
      if (damagedFrom >= 0) damage.push({ position: position + damagedFrom, bytes: at - damagedFrom })
      damagedFrom = -1
      records.push(bytes.subarray(at, at + length))
      at += length
      continue
    }
    if (damagedFrom < 0) damagedFrom = at
    at = nextMagic(bytes, at + 1)
  }
  if (damagedFrom >= 0) damage.push({ position: position + damagedFrom, bytes: at - damagedFrom })
  return { records, damage, next: position + at, wanted }
}

/**
 * The length of the record whose header is at `at`, as far as the header can be believed without the checksum; 0 when there is none.
 * A header that is not all there asks for `headerBytes`.
 */
export function lengthOfRecord(bytes: Buffer, at: number, position: number, limit: number): number {
  if (limit - position < headerBytes) return 0
  const present = bytes.length - at
  if (present < headerBytes) return beginsWithMagic(bytes, at) ? headerBytes : 0
  if (bytes.readUInt32LE(at) !== recordMagic || bytes.readDoubleLE(at + 16) !== position) return 0
  const length = bytes.readUInt32LE(at + 4)
  return length < headerBytes || length > maxRecordBytes || length > limit - position ? 0 : length
}

const isWhole = (bytes: Buffer, at: number, length: number): boolean =>
  crc32(bytes.subarray(at + 12, at + length)) === bytes.readUInt32LE(at + 8)

const magic = Buffer.alloc(4)
magic.writeUInt32LE(recordMagic)

function beginsWithMagic(bytes: Buffer, at: number): boolean {
  const present = Math.min(magic.length, bytes.length - at)
  return magic.compare(bytes, at, at + present, 0, present) === 0
}

/** Where the next header may begin; a magic that is cut off by the end of `bytes` may be one. */
function nextMagic(bytes: Buffer, from: number): number {
  const found = bytes.indexOf(magic, from)
  if (found >= 0) return found
  for (let at = Math.max(from, bytes.length - 3); at < bytes.length; at++) if (beginsWithMagic(bytes, at)) return at
  return bytes.length
}
