import type { Refusal, Refusals } from '../../src/core/contract.ts'
import type { Event } from '../../src/core/event.ts'
import { type BulkEntry, bulkOf } from './bulk.ts'
import type { createBulkRequests } from './bulk-request.ts'
import { documentOf } from './document.ts'
import type { DocumentEvent } from './fixed-fields.ts'
import type { Place } from './lookup.ts'
import { safeDocumentOf } from './safe-form.ts'

export interface ReplaceOptions {
  readonly lookUp: (ids: readonly string[], signal: AbortSignal) => Promise<readonly Place[]>
  /** To the backing indices. */
  readonly requests: ReturnType<typeof createBulkRequests>
  /** To the data stream: what is nowhere yet. */
  readonly write: (events: readonly Event[], signal: AbortSignal) => Promise<Refusals>
}

interface Entry extends BulkEntry {
  readonly index: number
  readonly over: Place
}

/**
 * Writes documents over those of the same ids, each in the backing index in which it lies, as Elasticsearch's manual has it ("Update or delete
 * documents in a backing index"): a data stream itself takes nothing but `create`. Whoever changed a document between our lookup and our
 * write is not overrun: that is answered 409, and is the caller's to try again. What is nowhere is created. Needs the right `index` besides
 * those of writes and lookups.
 */
export function createReplace({ lookUp, requests, write }: ReplaceOptions) {
  async function overwrite(
    events: readonly DocumentEvent[],
    places: ReadonlyMap<string, readonly Place[]>,
    signal: AbortSignal
  ): Promise<Pick<Refusals, 'retry' | 'rejected'>> {
    const retry = new Map<number, Refusal>()
    const rejected = new Map<number, Refusal>()
    const entries = events.flatMap((event, index) => {
      const document = documentOf(event)
      // An id that older versions stored twice is written over twice.
      return (places.get(event.id) ?? []).map((over): Entry => ({ index, id: event.id, document, over }))
    })
    const malformed: Entry[] = []
    for (const [at, { verdict, reason }] of await requests.send(bulkOf(entries), entries.length, signal)) {
      const entry = entries[at]!
      const { index } = entry
      if (verdict !== 'malformed') retry.set(index, { index, reason })
      else malformed.push({ ...entry, document: safeDocumentOf(events[index]!, reason) })
    }
    if (malformed.length > 0) {
      for (const [at, { verdict, reason }] of await requests.sendSafe(malformed, signal)) {
        const { index } = malformed[at]!
        if (verdict !== 'malformed') retry.set(index, { index, reason })
        else rejected.set(index, { index, reason })
      }
    }
    for (const index of retry.keys()) rejected.delete(index)
    return { retry: [...retry.values()], rejected: [...rejected.values()] }
  }

  /** `duplicates` are those that were there and are written over. What is there comes first: whatever fails then, it may come again. */
  return async (events: readonly DocumentEvent[], signal: AbortSignal): Promise<Refusals> => {
    const ids = events.map(({ id }) => id)
    const places = Map.groupBy(await lookUp(ids, signal), ({ id }) => id)
    const there = [...events.keys()].filter(index => places.has(ids[index]!))
    const missing = [...events.keys()].filter(index => !places.has(ids[index]!))
    const of = (indices: readonly number[]): DocumentEvent[] => indices.map(index => events[index]!)
    const over = there.length === 0 ? nothing : await overwrite(of(there), places, signal)
    const created = missing.length === 0 ? nothing : await write(of(missing), signal)
    const placed = (indices: readonly number[], refusals: readonly Refusal[]): Refusal[] =>
      refusals.map(refusal => ({ ...refusal, index: indices[refusal.index]! }))
    return {
      retry: [...placed(there, over.retry), ...placed(missing, created.retry)],
      rejected: [...placed(there, over.rejected), ...placed(missing, created.rejected)],
      duplicates: there.length - over.retry.length - over.rejected.length + created.duplicates
    }
  }
}

const nothing: Refusals = { retry: [], rejected: [], duplicates: 0 }
