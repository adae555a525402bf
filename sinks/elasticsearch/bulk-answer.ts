import { z } from 'zod'
import { CulvertError } from '../../src/core/errors.ts'

/** What of the answer to a bulk request we ask for. `status` keeps every item in its place. */
export const bulkFilterPath = 'errors,items.*.status,items.*.error,items.*.failure_store'

/** Stands for an answer without anything to look at. */
export const allAccepted = '{"errors":false}'

/** Elasticsearch writes `errors` first; a document in a failure store counts as no error there. */
export const isClean = (json: string): boolean =>
  json.startsWith('{"errors":false') && !json.includes('"failure_store"')

const item = z.object({
  status: z.number(),
  error: z
    .object({
      type: z.string(),
      reason: z.string().nullish(),
      caused_by: z.object({ reason: z.string().nullish() }).nullish()
    })
    .optional(),
  failure_store: z.string().optional()
})
const action = z.union([z.object({ create: item }), z.object({ index: item })])
const answer = z.object({ errors: z.boolean(), items: z.array(action).optional() })
type Item = z.infer<typeof item>

/** What became of one document. `malformed`: Elasticsearch blames the document. `retry`: its state, a right or a limit. */
export interface ItemVerdict {
  readonly verdict: 'stored' | 'duplicate' | 'malformed' | 'retry'
  readonly reason: string
  /** Of the document; undefined where its whole request failed. */
  readonly status: number | undefined
}

/** Of each of the store's sentences; the first may quote the document, the second says what is wrong with it. */
const maxSentenceLength = 400

/** The documents of a bulk request that were not simply stored, by their place in it. Throws SINK_UNAVAILABLE for any other answer. */
export function readBulkAnswer(body: unknown, sent: number): ReadonlyMap<number, ItemVerdict> {
  const { success, data } = answer.safeParse(body)
  if (!success) throw new CulvertError('SINK_UNAVAILABLE', 'What answered is no Elasticsearch.', { retryable: true })
  const { items = [] } = data
  if (items.length === 0 && !data.errors) return new Map()
  if (items.length !== sent) {
    throw new CulvertError('SINK_UNAVAILABLE', `Elasticsearch answered for ${items.length} of ${sent} documents.`, {
      retryable: true
    })
  }
  const verdicts = items.map((one, place): [number, ItemVerdict] => [
    place,
    verdictOf('create' in one ? one.create : one.index)
  ])
  return new Map(verdicts.filter(([, { verdict }]) => verdict !== 'stored'))
}

function verdictOf({ status, error, failure_store: failureStore }: Item): ItemVerdict {
  const cause = error?.caused_by?.reason
  const reason = [status, error?.type, error?.reason, cause === error?.reason ? undefined : cause]
    .filter(part => part !== undefined && part !== null)
    .map(part => String(part).slice(0, maxSentenceLength))
    .join(': ')
  if (failureStore === 'used')
    return { verdict: 'malformed', reason: 'The document went to the failure store.', status }
  if (status < 300) return { verdict: 'stored', reason, status }
  if (status === 409) return { verdict: 'duplicate', reason, status }
  return { verdict: status === 400 ? 'malformed' : 'retry', reason, status }
}
