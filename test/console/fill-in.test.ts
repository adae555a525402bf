import { expect, test } from 'vitest'
import { ApiError } from '../../src/console/api.ts'
import { fillIn } from '../../src/console/live/fill-in.ts'
import { row } from './rows.ts'

const never = new AbortController().signal

test('asks at once, and again when what was on its way is stored', async () => {
  const pages = [{ logs: [row('a')] }, { logs: [row('b'), row('a')] }]
  const taken: string[][] = []
  await fillIn(
    async () => pages.shift()!,
    rows => taken.push(rows.map(({ id }) => id)),
    never,
    1
  )
  expect(taken).toEqual([['a'], ['b', 'a']])
})

test('without a local store it asks once', async () => {
  let asked = 0
  await fillIn(
    async () => {
      asked++
      throw new ApiError(404, { code: 'SEARCH_ELSEWHERE' })
    },
    () => expect.unreachable(),
    never,
    1
  )
  expect(asked).toBe(1)
})

test('an abort ends the wait, and nothing is asked any more', async () => {
  const abort = new AbortController()
  let asked = 0
  await fillIn(
    async () => {
      asked++
      return { logs: [] }
    },
    () => abort.abort(),
    abort.signal,
    60_000
  )
  expect(asked).toBe(1)
})
