import type { Place } from './lookup.ts'

/** One document of a bulk request; sent to `/<data stream>/_bulk`, so that the action needs no more than the id. */
export interface BulkEntry {
  readonly id: string
  readonly document: object
  /** The document that it is written over. */
  readonly over?: Place
}

/**
 * The body of a bulk request (NDJSON). `create`, because a data stream takes nothing else, and because a document that is sent twice
 * is then answered 409 and stored once. What is written over another is for the backing index of that one, and answered 409 where
 * it was changed since it was looked up.
 */
export const bulkOf = (entries: readonly BulkEntry[]): Buffer =>
  Buffer.from(entries.map(entry => `${actionOf(entry)}\n${JSON.stringify(entry.document)}\n`).join(''))

const actionOf = ({ id, over }: BulkEntry): string =>
  over === undefined
    ? `{"create":{"_id":"${id}"}}`
    : JSON.stringify({
        index: { _index: over.index, _id: id, if_seq_no: over.seqNo, if_primary_term: over.primaryTerm }
      })
