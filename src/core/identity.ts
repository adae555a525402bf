import { createHash, randomBytes } from 'node:crypto'

/**
 * Identity is written, never derived: a record gets its id at ingest and carries it for ever.
 *
 * A record's id is 21 bytes, its first six always a time in ms (big-endian), so that ids sort by time and share prefixes:
 *
 *     stream: start of this process (6) | random (5)         | counter (8) | part (2)
 *     POST:   first timestamp in body (6) | hash (12)        | 0 (1)       | part (2)
 *
 * An event's id is the record's id and the byte offset of its frame (3 bytes), 24 bytes written as 32 base64url characters.
 */
export const recordIdBytes = 21

/** The largest record: an event's id keeps its offset in three bytes. */
export const maxRecordBytes = 2 ** 24

/** Numbers the records of one process: two processes never give the same id, whatever happens to the data directory. */
export function createGeneration(startedAt: number = Date.now(), random: Buffer = randomBytes(5)) {
  const prefix = Buffer.alloc(11)
  prefix.writeUIntBE(startedAt, 0, 6)
  random.copy(prefix, 6, 0, 5)
  let counter = 0n
  return {
    /** The next record's id; `part` counts the records that one chunk was split into by key. */
    next(part = 0): Buffer {
      const id = Buffer.alloc(recordIdBytes)
      prefix.copy(id)
      id.writeBigUInt64BE(counter++, 11)
      id.writeUInt16BE(part, 19)
      return id
    }
  }
}
export type Generation = ReturnType<typeof createGeneration>

/**
 * The id of a POST: the agent repeats a batch byte for byte (platform's https_batch.go), so the same target, user and body give
 * the same id. `firstTimestamp` is the first frame's time in ms; without one two equal bodies are two events, so the id is random.
 */
export function postId(target: string, user: string, body: Uint8Array, firstTimestamp: number | undefined): Buffer {
  const id = Buffer.alloc(recordIdBytes)
  if (firstTimestamp === undefined || firstTimestamp < 0 || firstTimestamp >= 2 ** 48) {
    id.writeUIntBE(Date.now(), 0, 6)
    randomBytes(12).copy(id, 6)
    return id
  }
  id.writeUIntBE(Math.trunc(firstTimestamp), 0, 6)
  const hash = createHash('sha256').update(target).update('\0').update(user).update('\0').update(body).digest()
  hash.copy(id, 6, 0, 12)
  return id
}

/** The same record id for another part of a chunk that was split by key. */
export function withPart(id: Buffer, part: number): Buffer {
  const copy = Buffer.from(id)
  copy.writeUInt16BE(part, 19)
  return copy
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The last four characters of an event's id: its frame's byte offset in the record. */
export const offsetText = (offset: number): string =>
  alphabet.charAt((offset >>> 18) & 63) +
  alphabet.charAt((offset >>> 12) & 63) +
  alphabet.charAt((offset >>> 6) & 63) +
  alphabet.charAt(offset & 63)

/** The characters of base64url as bytes, for encoders that write ids without making strings. */
export const base64urlBytes: Uint8Array = Buffer.from(alphabet, 'latin1')
