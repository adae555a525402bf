import { maxRecordBytes, offsetText, recordIdBytes } from './identity.ts'

/**
 * A record is what the sockets of one partition gave in one turn of the event loop: one id, one receipt time, runs of
 * (connection, frames). It is laid out once, at ingest, and those bytes are journal entry and decode input alike.
 *
 *     0  u32 magic        4  u32 length, all of it     8  u32 crc32 of bytes 12 to the end    12 u32 frames
 *     16 f64 position     24 f64 receipt time, ms      32 u32 end of the frames' bytes        36 u32 runs
 *     40 u8 kind          41 u8 listener               42 u8 reserved                         43 id (21 bytes)
 *     64 the frames' bytes | per frame u32 start, u32 length and marks | per run u32 connection, u32 frames
 *
 * All little-endian. Bytes between frames (octet counts, line feeds) may stay: the table says what counts.
 */
export const headerBytes = 64
export const recordMagic = 0x31525643 // CVR1

/** A record holds the place in this list: new ones go to its end. */
export const listeners = ['syslog', 'syslog-tls', 'https', 'stdin', 'http'] as const
export type Listener = (typeof listeners)[number]
/** What takes POSTs: in the clear, or over TLS. */
export type HttpListener = Extract<Listener, 'http' | 'https'>
export type RecordKind = 'stream' | 'post'

/** Marks that ingest leaves on a frame, in the upper four bits of its length. */
export const frameTruncated = 1 << 28
/** The frame came after bytes that were skipped because an octet count was wrong. */
export const frameResynchronised = 1 << 29
export const maxFrameBytes = 2 ** 24 - headerBytes - 16
const lengthMask = 0x0fffffff

/** Fills one record; reusable after `reset`. Nothing here is safe yet: that is the journal's promise. */
export class RecordBuilder {
  readonly bytes: Buffer
  /** Where the next byte goes. Whoever adds frames writes into `bytes` here first. */
  end = headerBytes
  frameCount = 0
  #table: Uint32Array
  #runs: number[] = []

  constructor(capacity: number) {
    if (capacity > maxRecordBytes) throw new RangeError(`a record holds at most ${maxRecordBytes} bytes`)
    this.bytes = Buffer.allocUnsafeSlow(capacity)
    this.#table = new Uint32Array(1024)
  }

  /** How many more bytes of frames fit, if they were `frames` frames of one more run. */
  room(frames = 1): number {
    return this.bytes.length - this.end - 8 * (this.frameCount + frames) - 4 * (this.#runs.length + 2)
  }

  /** The frames added from now on came over this connection. */
  beginRun(connection: number): void {
    const runs = this.#runs
    const last = runs.length - 2
    if (runs[last] === connection) return
    if (runs[last + 1] === this.frameCount) runs[last] = connection
    else runs.push(connection, this.frameCount)
  }

  /** A frame lies at `start` in `bytes`, without octet count; `marks` are frame… constants. */
  addFrame(start: number, length: number, marks = 0): void {
    const at = this.frameCount * 2
    if (at + 2 > this.#table.length) {
      const grown = new Uint32Array(this.#table.length * 2)
      grown.set(this.#table)
      this.#table = grown
    }
    this.#table[at] = start
    this.#table[at + 1] = (length | marks) >>> 0
    this.frameCount++
  }

  /** Writes tables and header; position, receipt time and checksum are the journal's (`sealRecord`). Returns the whole record. */
  finish(id: Buffer, kind: RecordKind, listener: Listener): Buffer {
    const { bytes, end, frameCount } = this
    const runs = this.#runs
    const tableBytes = frameCount * 8
    const length = end + tableBytes + runs.length * 4
    Buffer.from(this.#table.buffer, 0, tableBytes).copy(bytes, end)
    for (let i = 0; i < runs.length; i += 2) {
      const next = i + 3 < runs.length ? runs[i + 3]! : frameCount
      bytes.writeUInt32LE(runs[i]!, end + tableBytes + i * 4)
      bytes.writeUInt32LE(next - runs[i + 1]!, end + tableBytes + i * 4 + 4)
    }
    bytes.writeUInt32LE(recordMagic, 0)
    bytes.writeUInt32LE(length, 4)
    bytes.writeUInt32LE(frameCount, 12)
    bytes.writeUInt32LE(end, 32)
    bytes.writeUInt32LE(runs.length / 2, 36)
    bytes[40] = kind === 'post' ? 1 : 0
    bytes[41] = listeners.indexOf(listener)
    bytes[42] = 0
    id.copy(bytes, 43, 0, recordIdBytes)
    return bytes.subarray(0, length)
  }

  reset(): void {
    this.end = headerBytes
    this.frameCount = 0
    this.#runs.length = 0
  }
}

/** Whether a whole record, or its header, came by POST. */
export const isPost = (record: Uint8Array): boolean => record[40] === 1

/** Reads a record in place. The bytes were checked by whoever read them from the journal. */
export class RecordView {
  readonly bytes: Buffer
  /** The same bytes, for those who read them in words. Behind the frames there is always more: the tables. */
  readonly view: DataView
  readonly partition: number
  /** Where the record begins in its partition; the next one begins at `nextPosition`. */
  readonly position: number
  readonly nextPosition: number
  /** ms since 1970, never decreasing within a partition: the only clock of a stateful processor. */
  readonly receiptTime: number
  readonly frameCount: number
  #framesEnd: number
  #idText: string | undefined
  /** What `bytes` were when the record was received. */
  #received: Buffer

  /** `origin` is the record of which this one is a copy with other texts: see rewritten-record.ts. */
  constructor(bytes: Buffer, partition: number, origin?: RecordView) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.bytes = bytes
    this.view = view
    this.partition = partition
    this.position = view.getFloat64(16, true)
    this.nextPosition = this.position + view.getUint32(4, true)
    this.receiptTime = view.getFloat64(24, true)
    this.frameCount = view.getUint32(12, true)
    this.#framesEnd = view.getUint32(32, true)
    this.#received = origin === undefined ? bytes : origin.#received
  }

  get kind(): RecordKind {
    return isPost(this.bytes) ? 'post' : 'stream'
  }

  get listener(): Listener {
    return listeners[this.bytes[41]!] ?? 'syslog'
  }

  get id(): Buffer {
    return this.bytes.subarray(43, headerBytes)
  }

  /** The record's id as 28 base64url characters: the beginning of its events' ids. */
  get idText(): string {
    return (this.#idText ??= this.bytes.toString('base64url', 43, headerBytes))
  }

  /** Where the frames' bytes end; they begin at `headerBytes`. */
  get framesEnd(): number {
    return this.#framesEnd
  }

  frameStart(index: number): number {
    return this.view.getUint32(this.#framesEnd + index * 8, true)
  }

  frameLength(index: number): number {
    return this.view.getUint32(this.#framesEnd + index * 8 + 4, true) & lengthMask
  }

  frameMarks(index: number): number {
    return this.view.getUint32(this.#framesEnd + index * 8 + 4, true) & ~lengthMask
  }

  /** A frame as it was received, whatever processors made of its text. */
  frameBytes(index: number): Buffer {
    const start = this.frameStart(index)
    return this.#received.subarray(start, start + this.frameLength(index))
  }

  eventId(index: number): string {
    return this.idText + offsetText(this.frameStart(index))
  }

  /** [connection, number of frames], in the order of the frames. */
  runs(): [connection: number, frames: number][] {
    const from = this.#framesEnd + this.frameCount * 8
    return Array.from({ length: this.bytes.readUInt32LE(36) }, (_, i) => [
      this.bytes.readUInt32LE(from + i * 8),
      this.bytes.readUInt32LE(from + i * 8 + 4)
    ])
  }
}
