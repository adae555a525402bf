import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { numbersIn } from './frames.ts'

/** How often each frame is in a place, by number. */
export type Holding = ReadonlyMap<number, number>

/** What a place holds that is no frame of ours counts under this number. */
export const unknown = -1

const pageRows = 5000

function count(numbers: Iterable<number>): Map<number, number> {
  const counts = new Map<number, number>()
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1)
  return counts
}

interface Page {
  readonly pit_id: string
  readonly hits: {
    readonly total: { readonly value: number }
    readonly hits: readonly { readonly _source: { readonly message?: string }; readonly sort: readonly unknown[] }[]
  }
}

/** Every document of all backing indices of a data stream. */
export async function readElasticsearch(url: string, dataStream: string): Promise<Holding> {
  const ask = async (path: string, body?: object): Promise<string> => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${url}/${path}`, {
      method: 'POST',
      headers,
      ...(body && { body: JSON.stringify(body) })
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer.text()
  }
  await ask(`${dataStream}/_refresh`)
  let { id }: { id: string } = JSON.parse(await ask(`${dataStream}/_pit?keep_alive=2m`))
  const numbers: number[] = []
  for (let after: readonly unknown[] | undefined; ; ) {
    const { pit_id, hits }: Page = JSON.parse(
      await ask('_search?allow_partial_search_results=false', {
        pit: { id, keep_alive: '2m' },
        size: pageRows,
        track_total_hits: true,
        _source: ['message'],
        sort: ['_shard_doc'],
        ...(after && { search_after: after })
      })
    )
    id = pit_id
    for (const { _source } of hits.hits) numbers.push(numberOf(_source.message))
    after = hits.hits.at(-1)?.sort
    if (hits.hits.length === pageRows) continue
    if (numbers.length !== hits.total.value)
      throw new Error(`Elasticsearch gave ${numbers.length} documents and has ${hits.total.value}.`)
    return count(numbers)
  }
}

/** A router's line says the number in its target, every other one at its beginning. */
function numberOf(message = ''): number {
  const [, digits] = /N=(\d+);/.exec(message) ?? []
  return digits === undefined ? unknown : Number(digits)
}

export interface InfluxPlace {
  readonly url: string
  readonly token: string
  readonly org: string
  readonly bucket: string
}

/** The field of each measurement that says the number. */
const numberFields = { gauge: 'value', counter: 'total', timer: 'duration' } as const

/** Every point. One that was written twice is there once. */
export async function readInfluxdb({ url, token, org, bucket }: InfluxPlace): Promise<Holding> {
  const fields = Object.entries(numberFields).map(
    ([name, field]) => `(r._measurement == "${name}" and r._field == "${field}")`
  )
  const query = `from(bucket: "${bucket}") |> range(start: 0, stop: 2100-01-01T00:00:00Z) |> filter(fn: (r) => ${fields.join(' or ')}) |> keep(columns: ["_value"])`
  const answer = await fetch(`${url}/api/v2/query?org=${org}`, {
    method: 'POST',
    headers: { authorization: `Token ${token}`, 'content-type': 'application/vnd.flux', accept: 'application/csv' },
    body: query
  })
  if (!answer.ok) throw new Error(`InfluxDB: ${answer.status} ${await answer.text()}`)
  const rows = (await answer.text()).matchAll(/^,\w*,\d+,(\S+)\s*$/gm)
  return count(Array.from(rows, ([, value]) => Number(value)))
}

/** Every dead letter of any lane, by the frame that is in it. */
export function readDeadLetters(dataDir: string, startMicros: number): Holding {
  const lines = globSync(join(dataDir, 'dead-letters', '*.ndjson')).flatMap(path =>
    readFileSync(path, 'utf8').split('\n').filter(Boolean)
  )
  return count(
    lines.map(line => {
      const { frame }: { frame: string } = JSON.parse(line)
      return numbersIn(Buffer.from(frame, 'base64').toString('latin1'), startMicros)[0] ?? unknown
    })
  )
}
