import { expect, test } from 'vitest'
import type { LogRow } from '../../src/core/plain.ts'
import { deadLettersIn, documentsIn, laneOf, openProduct, type Stored, sendTcp, sharedElasticsearch } from './faults.ts'
import { oddFrames, poison } from './poison.ts'

const head = (app: string) => `<14>1 2026-11-24T04:29:03.785942+00:00 o.s.a ${app} [APP/PROC/WEB/0] - - `

function framed(frame: string | Buffer): Buffer {
  const bytes = Buffer.from(frame)
  return Buffer.concat([Buffer.from(`${bytes.length} `), bytes])
}

const appLine = (app: string, text: string | Buffer): Buffer =>
  framed(Buffer.concat([Buffer.from(head(app)), Buffer.from(text), Buffer.from('\n')]))

/** Sends frames in one go; resolves when both stores have them all, and nothing was refused. Answers how to look for them. */
async function storeAll(frames: readonly Buffer[]) {
  const { url, stream, env } = sharedElasticsearch()
  const product = await openProduct({ ...env, CULVERT_LOCAL_STORE: 'on' })
  await sendTcp(product.syslog, Buffer.concat(frames))
  const status = await product.until(
    ({ ready, lanes }) => ready && lanes.every(({ ledger }) => ledger.received === frames.length),
    'all lines in both lanes'
  )
  for (const name of ['elasticsearch', 'local'])
    expect(laneOf(status, name).ledger).toMatchObject({ stored: frames.length, dead: 0, duplicate: 0, filtered: 0 })
  expect(deadLettersIn(product.dataDir)).toEqual([])
  const { logs } = JSON.parse(await (await fetch(`${product.http}/api/v1/logs?limit=500`)).text())
  expect(new Set(logs.map((row: LogRow) => row.id)).size).toBe(frames.length)
  return (...filter: object[]) => documentsIn(url, stream, { bool: { filter } })
}

test('poisonous app lines are found in Elasticsearch and in the local store, and so are their neighbours', async () => {
  const lines = poison.flatMap(({ text }, i) => ['before', text, 'after'].map(line => appLine(`app-${i}`, line)))
  const find = await storeAll(lines)
  const problems: string[] = []
  for (const [i, { what, by, safe }] of poison.entries()) {
    const app = { term: { 'cloudfoundry.source_id': `app-${i}` } }
    const all = await find(app)
    const isNeighbour = ({ message }: Stored): boolean => message === 'before' || message === 'after'
    const [line, ...more] = all.filter(found => !isNeighbour(found))
    if (line === undefined || more.length > 0 || all.length !== 3) problems.push(`${what}: ${all.length} of 3 lines`)
    const reason = line?.tags?.includes('safe_form') === true ? line.error?.message : undefined
    if (safe === undefined ? reason !== undefined : !safe.test(reason ?? '')) problems.push(`${what}: reason ${reason}`)
    if (by && (await find(app, by)).every(isNeighbour)) problems.push(`${what}: is not found`)
  }
  expect(problems).toEqual([])
})

test('odd frames are found as well, and so are their neighbours', async () => {
  const frames = oddFrames.flatMap(({ frame }, i) => [
    appLine('app', `before${i}x`),
    framed(frame(`word${i}x`)),
    appLine('app', `after${i}x`)
  ])
  const find = await storeAll(frames)
  const found = []
  for (const [i, { what, tags }] of oddFrames.entries()) {
    const words = [`before${i}x`, `word${i}x`, `after${i}x`]
    const counts = await Promise.all(words.map(async word => (await find({ match: { message: word } })).length))
    const [line] = await find({ match: { message: `word${i}x` } })
    found.push({ what, counts, tags: tags && line?.tags })
  }
  expect(found).toEqual(oddFrames.map(({ what, tags }) => ({ what, counts: [1, 1, 1], tags })))
})
