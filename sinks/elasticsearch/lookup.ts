import { type Client, errors } from '@elastic/elasticsearch'
import { z } from 'zod'
import { CulvertError } from '../../src/core/errors.ts'
import { callError } from './client.ts'

/** A search answers at most 10,000 hits (index.max_result_window); an id that older versions stored twice is hit twice. */
export const maxIdsPerSearch = 2000
const maxHits = 10_000

const refreshAnswer = z.object({ _shards: z.object({ failed: z.literal(0) }) })
/** `hits` is left out where it is empty (filter_path). */
const searchAnswer = z.object({
  _shards: z.object({ failed: z.literal(0) }),
  timed_out: z.literal(false),
  hits: z
    .object({
      hits: z.array(z.object({ _id: z.string(), _index: z.string(), _seq_no: z.number(), _primary_term: z.number() }))
    })
    .optional()
})
const absence = z.object({ error: z.object({ type: z.literal('index_not_found_exception') }) })

const filterPath = 'timed_out,_shards.failed,hits.hits._id,hits.hits._index,hits.hits._seq_no,hits.hits._primary_term'

/** Where a document lies, and in which state: what Elasticsearch wants to know of whoever writes over it. */
export interface Place {
  readonly id: string
  /** The backing index. */
  readonly index: string
  readonly seqNo: number
  readonly primaryTerm: number
}

/**
 * Finds which ids a data stream has, in all its backing indices: `create` sees only the newest. Throws callError's errors; needs the
 * rights `read` and `maintenance`. A data stream that is not there has none.
 */
export function createLookup(client: Client, dataStream: string) {
  /** What was written before is visible to searches when it resolves; undefined where there is no data stream. */
  async function ask<T>(
    path: string,
    { schema, ...request }: { querystring: object; body?: object; schema: z.ZodType<T> },
    signal: AbortSignal
  ): Promise<T | undefined> {
    try {
      const answer = await client.transport.request({ method: 'POST', path, ...request }, { signal })
      const { success, data } = schema.safeParse(answer)
      if (success) return data
    } catch (error) {
      if (error instanceof errors.ResponseError && error.statusCode === 404 && absence.safeParse(error.body).success)
        return undefined
      throw callError(error)
    }
    throw new CulvertError('SINK_UNAVAILABLE', 'Elasticsearch could not search all of the data stream.', {
      retryable: true
    })
  }

  /** A shard that does not answer fails the search: it may have what is looked for. */
  const search = (ids: readonly string[], signal: AbortSignal) =>
    ask(
      `/${dataStream}/_search`,
      {
        querystring: { allow_partial_search_results: false, filter_path: filterPath },
        body: {
          query: { ids: { values: ids } },
          size: maxHits,
          sort: ['_doc'],
          _source: false,
          seq_no_primary_term: true,
          track_total_hits: false
        },
        schema: searchAnswer
      },
      signal
    )

  return async (ids: readonly string[], signal: AbortSignal): Promise<Place[]> => {
    const found: Place[] = []
    const refreshed = { querystring: { filter_path: '_shards.failed' }, schema: refreshAnswer }
    if ((await ask(`/${dataStream}/_refresh`, refreshed, signal)) === undefined) return found
    for (let from = 0; from === 0 || from < ids.length; from += maxIdsPerSearch) {
      const answer = await search(ids.slice(from, from + maxIdsPerSearch), signal)
      for (const { _id: id, _index: index, _seq_no: seqNo, _primary_term: primaryTerm } of answer?.hits?.hits ?? []) {
        found.push({ id, index, seqNo, primaryTerm })
      }
    }
    return found
  }
}
