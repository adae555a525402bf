/** One document of a bulk request; sent to `/<data stream>/_bulk`, so that the action needs no more than the id. */
export interface BulkEntry {
  readonly id: string
  readonly document: object
}

/**
 * The body of a bulk request (NDJSON). `create`, because a data stream takes nothing else, and because a document that is sent twice
 * is then answered 409 and stored once.
 */
export const bulkOf = (entries: readonly BulkEntry[]): Buffer =>
  Buffer.from(entries.map(({ id, document }) => `{"create":{"_id":"${id}"}}\n${JSON.stringify(document)}\n`).join(''))
