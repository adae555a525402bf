import type { RecordBuilder } from '../src/core/record.ts'
import type { Counts } from './counts.ts'
import type { Framing } from './framing.ts'
import { partitionOf } from './partition.ts'
import type { PartitionWriter } from './partition-writer.ts'
import type { Rest } from './rest.ts'

/** The bytes of one connection, as they come. */
export interface Arrival {
  readonly connection: number
  readonly framing: Framing
  readonly rest: Rest
  readonly closed: boolean
}

/** Puts what arrives into records: the frames into builders, what is left into the rest. */
export interface Placement {
  /** False: no builder is free; the rest holds what could not be placed. */
  walk(arrival: Arrival, bytes: Buffer, from: number, to: number): boolean
  /** One whole frame. False: not taken. */
  add(connection: number, frame: Buffer, marks: number): boolean
}

/** One partition: the bytes are copied once, into the record, and walked there; what lies between frames may stay. */
export function createPlacementInOne(writer: PartitionWriter, counts: Counts): Placement {
  let current: RecordBuilder | undefined
  let full = false
  const sink = {
    take(start: number, length: number, marks: number): boolean {
      if (current!.room() < 0) {
        full = true
        return false
      }
      current!.addFrame(start, length, marks)
      return true
    }
  }
  return {
    walk({ connection, framing, rest, closed }, bytes, from, to) {
      let first = from
      for (;;) {
        const length = rest.length + to - first
        const builder = writer.builder(length)
        if (builder === undefined) {
          rest.append(bytes, first, to)
          return false
        }
        const start = builder.end
        rest.copyTo(builder.bytes, start)
        bytes.copy(builder.bytes, start + rest.length, first, to)
        builder.end = start + length
        builder.beginRun(connection)
        const before = builder.frameCount
        current = builder
        full = false
        const end = framing.walk(builder.bytes, start, start + length, sink, closed)
        rest.keep(builder.bytes, end, start + length)
        const frames = builder.frameCount - before
        builder.end = frames > 0 ? end : start
        counts.frames += frames
        if (frames > 0) writer.schedule()
        if (!full) return true
        writer.flush()
        first = to
      }
    },
    add: (connection, frame, marks) => place(writer, counts, connection, frame, 0, frame.length, marks)
  }
}

/** Several partitions: each frame is copied into the record of its app's. */
export function createPlacementByApp(writers: readonly PartitionWriter[], counts: Counts): Placement {
  let scratch: Buffer = Buffer.alloc(0)
  let source = scratch
  let connection = 0
  let full = false
  const put = (bytes: Buffer, start: number, length: number, marks: number): boolean => {
    const writer = writers[partitionOf(bytes, start, start + length, writers.length)]!
    return place(writer, counts, connection, bytes, start, length, marks)
  }
  const sink = {
    take(start: number, length: number, marks: number): boolean {
      if (put(source, start, length, marks)) return true
      full = true
      return false
    }
  }
  return {
    walk({ connection: number, framing, rest, closed }, bytes, from, to) {
      source = bytes
      let [start, end] = [from, to]
      if (rest.length > 0) {
        const length = rest.length + to - from
        if (scratch.length < length) scratch = Buffer.allocUnsafeSlow(2 * length)
        rest.copyTo(scratch, 0)
        bytes.copy(scratch, rest.length, from, to)
        source = scratch
        ;[start, end] = [0, length]
      }
      connection = number
      full = false
      rest.keep(source, framing.walk(source, start, end, sink, closed), end)
      return !full
    },
    add(number, frame, marks) {
      connection = number
      return put(frame, 0, frame.length, marks)
    }
  }
}

function place(
  writer: PartitionWriter,
  counts: Counts,
  connection: number,
  bytes: Buffer,
  start: number,
  length: number,
  marks: number
): boolean {
  const builder = writer.builder(length)
  if (builder === undefined) return false
  builder.beginRun(connection)
  bytes.copy(builder.bytes, builder.end, start, start + length)
  builder.addFrame(builder.end, length, marks)
  builder.end += length
  counts.frames++
  writer.schedule()
  return true
}
