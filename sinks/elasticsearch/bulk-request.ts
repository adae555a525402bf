import type { Client } from '@elastic/elasticsearch'
import { type BulkEntry, bulkOf } from './bulk.ts'
import { bulkFilterPath, type ItemVerdict, readBulkAnswer } from './bulk-answer.ts'
import { callError } from './client.ts'

/** Verdicts on the documents of a request that were not simply stored, by their place in it. */
export type Verdicts = ReadonlyMap<number, ItemVerdict>

/** Sends bulk requests to one data stream, or to its backing indices, which each document then names. */
export function createBulkRequests(client: Client, dataStream: string, to: 'stream' | 'backing indices' = 'stream') {
  // without its template there would be an index of guessed types instead of a data stream
  const querystring = { filter_path: bulkFilterPath, ...(to === 'stream' ? { require_data_stream: true } : {}) }
  const path = `/${dataStream}/_bulk`

  /** Throws callError's errors when the whole call failed. */
  async function send(body: Buffer, count: number, signal: AbortSignal): Promise<Verdicts> {
    try {
      const answer = await client.transport.request({ method: 'POST', path, querystring, bulkBody: body }, { signal })
      return readBulkAnswer(answer, count)
    } catch (error) {
      throw callError(error)
    }
  }

  /**
   * Sends documents in safe form and never throws: others of their batch are stored already. What is refused as a whole is halved; a document
   * that is refused alone is malformed for good.
   */
  async function sendSafe(entries: readonly BulkEntry[], signal: AbortSignal): Promise<Verdicts> {
    try {
      return await send(bulkOf(entries), entries.length, signal)
    } catch (error) {
      const { code, message: reason } = callError(error)
      const verdict = code === 'SINK_REFUSED_BATCH' ? 'malformed' : 'retry'
      if (verdict === 'retry' || entries.length === 1) {
        return new Map(entries.map((_, place) => [place, { verdict, reason, status: undefined }]))
      }
      const middle = entries.length >> 1
      const left = await sendSafe(entries.slice(0, middle), signal)
      const right = await sendSafe(entries.slice(middle), signal)
      return new Map([...left, ...[...right].map(([place, it]): [number, ItemVerdict] => [place + middle, it])])
    }
  }

  return { send, sendSafe }
}
