import { expect, test } from 'vitest'
import type { DeadLetterQuery } from '../../src/core/dead-letter.ts'
import { CulvertError } from '../../src/core/errors.ts'
import type { DeadLetters } from '../../src/http/contract.ts'
import { noDeadLetters, openHttp } from './open-http.ts'

const row = {
  ...{ id: 'AZ2b', at: '2026-11-24T07:00:00.000Z', lane: 'elasticsearch', reason: '400: no', kind: 'log' },
  ...{ app: 'shop', place: 'acme / prod', type: 'APP', text: 'a line', bytes: 100 }
}

async function openApi(parts: Partial<DeadLetters> = {}, token?: string) {
  const asked: unknown[] = []
  const deadLetters: DeadLetters = {
    ...noDeadLetters,
    list: async query => {
      asked.push(query)
      return { letters: [row], next: 'older', skipped: 1 }
    },
    reasons: async filter => {
      asked.push(filter)
      return { reasons: [], letters: 0, complete: true, skipped: 0 }
    },
    replay: async query => {
      asked.push(query)
      return { lanes: [{ lane: 'elasticsearch', putBack: 1, duplicate: 0, refused: 0 }], reasons: [], skipped: 0 }
    },
    ...parts
  }
  const { url } = await openHttp(token === undefined ? {} : { token }, { deadLetters })
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${url}/api/v1/dead-letters${path}`, init)
    return { status: response.status, body: JSON.parse(await response.text()) }
  }
  const post = (body: string, type = 'application/json') =>
    ask('/replay', { method: 'POST', body, headers: { 'content-type': type } })
  return { asked, ask, post }
}

test('the list by every parameter', async () => {
  const { ask, asked } = await openApi()
  const path = '?lane=elasticsearch&q=no&app=shop&from=2026-11-24T07:00:00Z&to=1795500000000&cursor=c&limit=2'
  expect(await ask(path)).toEqual({ status: 200, body: { letters: [row], next: 'older', skipped: 1 } })
  const from = Date.UTC(2026, 10, 24, 7)
  const filter = { lane: 'elasticsearch', q: 'no', app: 'shop', from, to: 1_795_500_000_000 }
  expect(asked).toEqual([{ ...filter, cursor: 'c', limit: 2 }])
  await ask('/reasons?lane=elasticsearch')
  expect(asked[1]).toEqual({ lane: 'elasticsearch' })
})

test.each([
  '?limit=0',
  '?limit=501',
  '?nothing=1',
  '?from=then',
  '/reasons?limit=1',
  '/x?q=1'
])('%s is refused', async path => {
  const { ask } = await openApi()
  expect(await ask(path)).toMatchObject({ status: 400, body: { code: 'QUERY_INVALID' } })
})

test('one letter by its id, and none', async () => {
  const letter: Awaited<ReturnType<DeadLetters['letter']>> = {
    ...{ putBack: 0, at: row.at, lane: row.lane, id: row.id, reason: row.reason, receiptTime: 1, listener: 'syslog' },
    ...{ sequence: 0, tieBreak: 0, marks: 0, frame: 'YQ==', text: 'a' }
  }
  const { ask } = await openApi({
    letter: async (id, lane) => (id === row.id && lane === undefined ? letter : undefined)
  })
  expect(await ask(`/${row.id}`)).toEqual({ status: 200, body: letter })
  expect(await ask(`/${row.id}?lane=influxdb`)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
})

test('a replay takes its filter as JSON', async () => {
  const { post, asked } = await openApi()
  expect(await post('{"lane":"elasticsearch","q":"no","from":1795500000000,"limit":5}')).toMatchObject({
    status: 200,
    body: { lanes: [{ putBack: 1 }] }
  })
  expect(asked).toEqual([{ lane: 'elasticsearch', q: 'no', from: 1_795_500_000_000, limit: 5 }])
})

test.each([
  ['text', '{}', 'text/plain', 400],
  ['a form', 'lane=x', 'application/x-www-form-urlencoded', 400],
  ['no JSON', '{', 'application/json', 400],
  ['an unknown key', '{"lanes":"x"}', 'application/json', 400],
  ['null', 'null', 'application/json', 400]
])('a replay of %s is refused and puts nothing back', async (_, body, type, status) => {
  const { post, asked } = await openApi()
  expect((await post(body, type)).status).toBe(status)
  expect(asked).toEqual([])
})

test('a store that does not take them is told as it is', async () => {
  const replay = async (_: DeadLetterQuery) => {
    throw new CulvertError('SINK_UNAVAILABLE', 'The store did not take dead letters: 503', { retryable: true })
  }
  const { post } = await openApi({ replay })
  expect(await post('{}')).toMatchObject({ status: 503, body: { code: 'SINK_UNAVAILABLE' } })
})

test.each(['', '/reasons', '/x'])('%s wants the token', async path => {
  const { ask, post } = await openApi({}, 'secret')
  expect((await ask(path)).status).toBe(401)
  expect((await post('{}')).status).toBe(401)
})
