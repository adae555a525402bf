import type { Cursor, JournalReader, LostSpan, Sink } from './core/contract.ts'

/**
 * What the lane has committed. A position behind the journal's end belongs to a journal that is gone: then at the oldest record, and
 * if it is an older copy of that journal, all of it may have been sent.
 */
export async function cursorInJournal(
  journal: JournalReader,
  lane: string,
  partition: number
): Promise<Cursor | undefined> {
  const known = await journal.cursor(lane, partition)
  const { oldest, end } = journal.bounds(partition)
  if (known === undefined || known.offset <= end) return known
  return { offset: oldest, note: { ...known.note, uncertainTo: end } }
}

/**
 * The cursor that a sink keeps with what it stored, where it has come further than `offset`, which the lane has committed: the crash
 * came between the two. Else the lane's note is the better one, since it tells duplicates and dead letters apart.
 */
export async function cursorInSink(
  sink: Sink,
  journal: JournalReader,
  partition: number,
  offset: number
): Promise<Cursor | undefined> {
  const known = await sink.cursor?.(partition)
  return known !== undefined && known.offset > offset && known.offset <= journal.bounds(partition).end
    ? known
    : undefined
}

/** The frames between two positions, as a lane that gives them up books them. */
export async function spanBetween(
  journal: JournalReader,
  partition: number,
  begin: number,
  end: number,
  signal: AbortSignal
): Promise<Omit<LostSpan, 'reason'>> {
  let frames = 0
  let from = 0
  let to = 0
  for await (const entry of journal.read(partition, begin, signal)) {
    if ('tick' in entry) break
    const record = 'record' in entry ? entry.record : entry.repeated
    if (record.position >= end) break
    if (frames === 0) from = record.receiptTime
    to = record.receiptTime
    frames += record.frameCount
  }
  signal.throwIfAborted()
  return { frames, from, to, begin, end, stretches: 1 }
}
