import { inOrder, toMicros, withoutRuns } from './normal.ts'

export interface Hit {
  readonly _id: string
  readonly _source: { readonly '@timestamp': string; readonly message: string } & Readonly<
    Record<'event' | 'cloudfoundry', Readonly<Record<string, unknown>>>
  >
}

/** All documents of a data stream, in the order of their times; none if it does not exist. */
export async function hitsOf(url: string, dataStream: string): Promise<Hit[]> {
  const target = `${url}/${dataStream}`
  await fetch(`${target}/_refresh?ignore_unavailable=true`, { method: 'POST' })
  const answer = await fetch(`${target}/_search?ignore_unavailable=true&size=1000`)
  const { hits } = JSON.parse(await answer.text())
  return inOrder<Hit>(hits.hits, ({ _source }) => [toMicros(_source['@timestamp']), _source.message])
}

/** A document without what differs from run to run: its id and its place among what came together. */
export function documentOf({ _source }: Hit) {
  const { id: _id, sequence: _sequence, ...said } = _source.event
  const { event: _event, ...document } = _source
  return {
    ...document,
    '@timestamp': toMicros(_source['@timestamp']),
    message: withoutRuns(_source.message),
    ...(Object.keys(said).length > 0 && { event: said })
  }
}

/** Where a document's frame lay in its record, and how many of its source and microsecond lay before it. */
export const placeOf = ({ _source }: Hit) => [
  _source.event['sequence'],
  Number(_source['@timestamp'].match(/\.\d{6}(\d{3})Z$/)?.[1] ?? 0)
]

/** Ids sort by time of arrival as bytes, not as text. */
export const idBytesOf = ({ _id }: Hit): string => Buffer.from(_id, 'base64url').toString('hex')
