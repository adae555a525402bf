import { setTimeout as pause } from 'node:timers/promises'
import type { Cursor, Entry, JournalReader, Note, Position } from '../../src/core/contract.ts'
import { type RecordKind, RecordView } from '../../src/core/record.ts'
import { createRepeats, postIn } from '../../src/journal/repeats.ts'
import { receiptTime, recordOf } from '../sinks/wire-events.ts'

export interface Committed extends Cursor {
  readonly lane: string
}

/**
 * A journal of one partition that keeps its contract and forgets everything with the process. With `quietMs` it ticks again and again at
 * its end, and says that so much time has passed since the last record.
 */
export function createMemoryJournal(quietMs = 0) {
  const records: RecordView[] = []
  const doubtful = new Set<RecordView>()
  const cursors = new Map<string, Cursor>()
  const commits: Committed[] = []
  const waiting = new Set<() => void>()
  let idle = Promise.withResolvers<void>()
  let oldest = 0
  let end = 0
  let reads = 0
  let clock = receiptTime
  let beforeCommit: (offset: number) => Promise<void> = async () => {}
  let beforeRead: (position: number) => Promise<void> = async () => {}

  const wake = (): void => {
    idle = Promise.withResolvers()
    for (const resolve of waiting) resolve()
  }

  function changed(seen: number, signal: AbortSignal): Promise<void> {
    if (end !== seen || signal.aborted) return Promise.resolve()
    return new Promise(resolve => {
      const done = (): void => {
        waiting.delete(done)
        signal.removeEventListener('abort', done)
        void resolve()
      }
      waiting.add(done)
      idle.resolve()
      signal.addEventListener('abort', done)
    })
  }

  function add(bytes: Buffer, receivedAt = receiptTime + records.length): RecordView {
    clock = Math.max(clock, receivedAt)
    bytes.writeDoubleLE(end, 16)
    bytes.writeDoubleLE(clock, 24)
    const record = new RecordView(bytes, 0)
    records.push(record)
    end = record.nextPosition
    wake()
    return record
  }

  const firstAt = (position: number): number => {
    let [low, high] = [0, records.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (records[middle]!.position < position) low = middle + 1
      else high = middle
    }
    return low
  }

  async function* read(_partition: number, from: number, signal: AbortSignal): AsyncGenerator<Entry> {
    reads++
    const repeats = createRepeats()
    const start = firstAt(from)
    for (const record of records.slice(0, start)) {
      const post = postIn(record)
      if (post !== undefined) repeats.seen(post)
    }
    for (let index = start; !signal.aborted; ) {
      const record = records[index]
      if (record === undefined) {
        const seen = end
        clock = Math.max(clock, (records.at(-1)?.receiptTime ?? clock) + quietMs)
        yield { tick: clock, position: seen }
        await (quietMs > 0 ? pause(1) : changed(seen, signal))
        continue
      }
      index++
      await beforeRead(record.position)
      if (signal.aborted) return
      const post = postIn(record)
      yield post !== undefined && repeats.seen(post) ? { repeated: record } : { record, doubtful: doubtful.has(record) }
    }
  }

  function commitNow(lane: string, { offset }: Position, note: Note): void {
    cursors.set(lane, { offset, note })
    commits.push({ lane, offset, note })
  }

  const reader: JournalReader = {
    read,
    async commit(lane: string, position: Position, note: Note) {
      await beforeCommit(position.offset)
      commitNow(lane, position, note)
    },
    async cursor(lane: string) {
      return cursors.get(lane)
    },
    receivedAt: async (_partition, position) => records[firstAt(position)]?.receiptTime,
    bounds: () => ({ oldest, end, time: 0 })
  }

  return {
    reader,
    records,
    /** All that lanes have committed, in order. */
    commits,
    append(
      frames: readonly (string | Buffer)[],
      {
        id,
        kind = 'stream',
        receivedAt,
        doubt = false
      }: { id?: Buffer; kind?: RecordKind; receivedAt?: number; doubt?: boolean } = {}
    ) {
      const { bytes } = recordOf(frames, id)
      bytes[40] = kind === 'post' ? 1 : 0
      const record = add(bytes, receivedAt)
      if (doubt) doubtful.add(record)
      return record
    },
    /** So many copies of one record: quick to make. */
    appendCopies(frames: readonly string[], count: number): void {
      const { bytes } = recordOf(frames)
      for (let i = 0; i < count; i++) add(Buffer.from(bytes))
    },
    /** Everything before goes, as when a lane skips. */
    removeBefore(position: number) {
      records.splice(0, firstAt(position))
      oldest = position
    },
    commitNow,
    /** Runs before each commit; what it throws is why the commit fails. */
    onCommit(hook: (offset: number) => Promise<void>) {
      beforeCommit = hook
    },
    onRead(hook: (position: number) => Promise<void>) {
      beforeRead = hook
    },
    setCursor: (lane: string, cursor: Cursor) => void cursors.set(lane, cursor),
    /** Resolves when a reader has come to the end and whoever reads has asked for more. */
    idle: (): Promise<void> => idle.promise,
    get end() {
      return end
    },
    /** How often a reader began. */
    get reads() {
      return reads
    },
    /** The texts of lines: what follows the first frame's `] `. */
    textsBetween: (from: number, to: number): string[] => records.slice(firstAt(from), firstAt(to)).flatMap(textsOf),
    framesBefore: (position: number): number =>
      records.slice(0, firstAt(position)).reduce((sum, { frameCount }) => sum + frameCount, 0)
  }
}
export type MemoryJournal = ReturnType<typeof createMemoryJournal>

const textsOf = (record: RecordView): string[] =>
  Array.from({ length: record.frameCount }, (_, frame) => {
    const start = record.frameStart(frame)
    const line = record.bytes.toString('utf8', start, start + record.frameLength(frame))
    return line.slice(line.lastIndexOf('] ') + 2).trimEnd()
  })
