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
 *     0 u32 magic    4 u32 version    8 f64 base    16 f64 previous end    24 f64 previous time    32 u32 crc32 of bytes 0 to 31
 *     36 zero        64 records
 *
 * Previous end: where the good records of the segment before this one end. After a failed write there may be others behind them, which
 * were rejected and are not to be read. Previous time: the receipt time of the newest good record before this segment, ms.
 */
export interface SegmentHeader {
  readonly base: number
  readonly previousEnd: number
  readonly previousTime: number
  /** Receipt time of the first record in the segment, ms; undefined where there is none, or a damaged one. */
  readonly firstTime: number | undefined
  /** Of the header only base is known, from the file's name. */
  readonly damaged: boolean
}

export const segmentHeaderBytes = 64
const magic = 0x4a525643 // CVRJ
const version = 1

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

/** A new file is there with its header, or not at all. */
export function createSegment(
  directory: string,
  header: Omit<SegmentHeader, 'damaged' | 'firstTime'>
): Promise<FileHandle> {
  const bytes = Buffer.alloc(segmentHeaderBytes)
  bytes.writeUInt32LE(magic, 0)
  bytes.writeUInt32LE(version, 4)
  bytes.writeDoubleLE(header.base, 8)
  bytes.writeDoubleLE(header.previousEnd, 16)
  bytes.writeDoubleLE(header.previousTime, 24)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 32)), 32)
  return createDurably(directory, segmentName(header.base), bytes)
}

/** Throws JOURNAL_VERSION for a file that this version did not write; a damaged header costs no record. */
export async function readSegmentHeader(directory: string, base: number): Promise<SegmentHeader> {
  const path = join(directory, segmentName(base))
  const handle = await open(path, 'r')
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(segmentHeaderBytes + headerBytes), 0)
    if (bytesRead < segmentHeaderBytes || buffer.readUInt32LE(0) !== magic || buffer.readUInt32LE(4) !== version) {
      throw new CulvertError('JOURNAL_VERSION', `${path} is no journal segment of version ${version}.`)
    }
    const first = buffer.subarray(segmentHeaderBytes, bytesRead)
    const whole = first.length === headerBytes && lengthOfRecord(first, 0, base, Number.POSITIVE_INFINITY) > 0
    const firstTime = whole ? first.readDoubleLE(24) : undefined
    if (buffer.readUInt32LE(32) !== crc32(buffer.subarray(0, 32)) || buffer.readDoubleLE(8) !== base) {
      return { base, previousEnd: base, previousTime: 0, firstTime, damaged: true }
    }
    const [previousEnd, previousTime] = [buffer.readDoubleLE(16), buffer.readDoubleLE(24)]
    return { base, previousEnd, previousTime, firstTime, damaged: false }
  } finally {
    await handle.close()
  }
}
