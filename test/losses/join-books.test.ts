import { expect, test } from 'vitest'
import { joinBooks } from '../../src/losses/join-books.ts'
import { exampleLedger } from '../http/open-http.ts'

test('the books of partitions are one, the newest report first, since the oldest was opened', () => {
  const [entry] = exampleLedger.lostBefore.entries
  const book = (since: number, last: number) => {
    const entries = [{ ...entry!, last }]
    return { ...exampleLedger.lostBefore, since, entries, forgotten: 1 }
  }
  expect(joinBooks([book(5, 10), book(3, 20)])).toEqual({
    since: 3,
    messages: 20_000,
    rateLimits: 0,
    counterGaps: 0,
    entries: [
      { ...entry, last: 20 },
      { ...entry, last: 10 }
    ],
    forgotten: 2
  })
  expect(joinBooks([])).toEqual({ messages: 0, rateLimits: 0, counterGaps: 0, entries: [], forgotten: 0 })
})
