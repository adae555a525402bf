import { createGeneration } from '../../src/core/identity.ts'
import { RecordBuilder, type RecordKind, type RecordView } from '../../src/core/record.ts'
import type { MainJournal, WorkerJournal } from '../../src/journal/journal.ts'

const generation = createGeneration()

/** A record of one frame. */
export function recordOf(
  frame: string | Buffer,
  { id = generation.next(), kind = 'stream' as RecordKind } = {}
): Buffer {
  const bytes = Buffer.from(frame)
  const builder = new RecordBuilder(bytes.length + 128)
  builder.beginRun(1)
  const start = builder.end
  builder.end += bytes.copy(builder.bytes, start)
  builder.addFrame(start, bytes.length)
  return builder.finish(id, kind, 'syslog')
}

export const textOf = (record: RecordView): string =>
  record.bytes.toString('utf8', record.frameStart(0), record.frameStart(0) + record.frameLength(0))

/** What is left to read before the first tick: frames as text, in order. */
export async function readAll(reader: WorkerJournal, partition = 0, from = 0): Promise<string[]> {
  return (await recordsOf(reader, partition, from)).map(textOf)
}

export async function recordsOf(reader: WorkerJournal, partition = 0, from = 0): Promise<RecordView[]> {
  const records: RecordView[] = []
  for await (const entry of reader.read(partition, from, new AbortController().signal)) {
    if ('tick' in entry) break
    if ('record' in entry) records.push(entry.record)
  }
  return records
}

/** Appends one after the other. */
export async function appendAll(journal: MainJournal, frames: readonly string[], partition = 0): Promise<void> {
  for (const frame of frames) await journal.append(partition, recordOf(frame))
}

export const count = (n: number, text = 'frame'): string[] => Array.from({ length: n }, (_, i) => `${text} ${i}`)
