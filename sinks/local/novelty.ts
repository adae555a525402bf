import type { Batch } from './batch.ts'

/** What of a batch the store does not have yet. */
export interface Fresh {
  /** Indices into the batch's columns. */
  readonly logs: number[]
  readonly points: number[]
  /** By record id: the ends of the new events' ids. */
  readonly records: ReadonlyMap<string, readonly string[]>
  readonly duplicates: number
}

/** An event's id is its record's id and something that tells the record's events apart (src/core/identity.ts). */
const recordIdLength = 28

/** `seen` answers the ends of the ids that the store has of a record received at that time, in ms. */
export function freshOf({ logs, points }: Batch, seen: (record: string, received: number) => string[]): Fresh {
  const known = new Map<string, Set<string>>()
  const records = new Map<string, string[]>()
  let duplicates = 0

  function isNew(id: string, received: number): boolean {
    const record = id.slice(0, recordIdLength)
    const end = id.slice(recordIdLength)
    let ends = known.get(record)
    if (ends === undefined) known.set(record, (ends = new Set(seen(record, received))))
    if (ends.has(end)) {
      duplicates++
      return false
    }
    ends.add(end)
    const added = records.get(record)
    if (added === undefined) records.set(record, [end])
    else added.push(end)
    return true
  }

  const indices = (ids: readonly string[], received: readonly number[]): number[] => {
    const fresh: number[] = []
    for (let i = 0; i < ids.length; i++) if (isNew(ids[i]!, received[i]!)) fresh.push(i)
    return fresh
  }
  return { logs: indices(logs.ids, logs.received), points: indices(points.ids, points.received), records, duplicates }
}
