import { type FileHandle, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { CulvertError } from '../core/errors.ts'
import { headerBytes } from '../core/record.ts'
import { createDurably } from './durable.ts'
import { lengthOfRecord } from './seal.ts'

/**
 * A partition is a row of segment files, `<base>.segment`, in a directory named for the partition. A record's position is its byte
 * offset in the row, so it lies in its file at `position - base + segmentHeaderBytes`. The header, little-endian:
 *
 *     0 u32 magic    4 u32 version    8 f64 base    16 f64 previous end    24 f64 previous time    32 f64 previous POST
 *     40 f64 POSTs   48 u32 crc32 of bytes 0 to 47  52 zero                64 records
 *
 * Previous end: where the good records of the segment before this one end. After a failed write there may be others behind them, which
 * were rejected and are not to be read. Previous time: the receipt time of the newest good record before this segment, ms. Previous POST:
 * no POST before this segment was received later, ms. POSTs: how many there were in this and all earlier lives of the journal.
 */
export interface SegmentHeader {
  readonly base: number
  readonly previousEnd: number
  readonly previousTime: number
  readonly previousPost: number
  readonly posts: number
}

/** What a segment's file tells before its records are read. */
export interface SegmentStart extends SegmentHeader {
  /** Receipt time of the first record in the segment, ms; undefined where there is none, or a damaged one. */
  readonly firstTime: number | undefined
  /** Of the header only base is known, from the file's name. */
  readonly damaged: boolean
}

export const segmentHeaderBytes = 64
const checkedBytes = 48
const magic = 0x4a525643 // CVRJ
const version = 2

export const segmentName = (base: number): string => `${base.toString().padStart(16, '0')}.segment`

export const partitionDirectory = (dir: string, partition: number): string => join(dir, 'journal', String(partition))

/** Where the segments of a partition begin, ascending. */
export async function listSegments(directory: string): Promise<number[]> {
  const names = await readdir(directory)
  return names
    .filter(name => /^\d{16}\.segment$/.test(name))
    .map(name => Number(name.slice(0, 16)))
    .sort((a, b) => a - b)
}

export function segmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(segmentHeaderBytes)
  bytes.writeUInt32LE(magic, 0)
  bytes.writeUInt32LE(version, 4)
  bytes.writeDoubleLE(header.base, 8)
  bytes.writeDoubleLE(header.previousEnd, 16)
  bytes.writeDoubleLE(header.previousTime, 24)
  bytes.writeDoubleLE(header.previousPost, 32)
  bytes.writeDoubleLE(header.posts, 40)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, checkedBytes)), checkedBytes)
  return bytes
}

/** A new file is there with its header, or not at all. */
export const createSegment = (directory: string, header: SegmentHeader): Promise<FileHandle> =>
  createDurably(directory, segmentName(header.base), segmentHeader(header))

/** Reads of different files that are on their way at once: what the disk and Node's threads do side by side. */
const readsAtOnce = 8

/** Of all segments that begin at `bases`, in their order. */
export async function readSegmentStarts(directory: string, bases: readonly number[]): Promise<SegmentStart[]> {
  const starts: SegmentStart[] = []
  const left = bases.entries()
  const readOn = async (): Promise<void> => {
    for (const [i, base] of left) starts[i] = await readSegmentStart(directory, base)
  }
  await Promise.all(Array.from({ length: readsAtOnce }, readOn))
  return starts
}

/** Throws JOURNAL_VERSION for a file that this version did not write; a damaged header costs no record. */
export async function readSegmentStart(directory: string, base: number): Promise<SegmentStart> {
  const path = join(directory, segmentName(base))
  const handle = await open(path, 'r')
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(segmentHeaderBytes + headerBytes), 0)
    if (bytesRead < segmentHeaderBytes || buffer.readUInt32LE(0) !== magic || buffer.readUInt32LE(4) !== version) {
      throw new CulvertError('JOURNAL_VERSION', `${path} is no journal segment of version ${version}.`)
    }
    const firstTime = timeOf(buffer.subarray(segmentHeaderBytes, bytesRead), base)
    const checksum = crc32(buffer.subarray(0, checkedBytes))
    if (buffer.readUInt32LE(checkedBytes) !== checksum || buffer.readDoubleLE(8) !== base) {
      return { base, previousEnd: base, previousTime: 0, previousPost: 0, posts: 0, firstTime, damaged: true }
    }
    return {
      base,
      previousEnd: buffer.readDoubleLE(16),
      previousTime: buffer.readDoubleLE(24),
      previousPost: buffer.readDoubleLE(32),
      posts: buffer.readDoubleLE(40),
      firstTime,
      damaged: false
    }
  } finally {
    await handle.close()
  }
}

function timeOf(header: Buffer, position: number): number | undefined {
  const whole = header.length === headerBytes && lengthOfRecord(header, 0, position, Number.POSITIVE_INFINITY) > 0
  return whole ? header.readDoubleLE(24) : undefined
}
