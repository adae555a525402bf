import { expect, test } from 'vitest'
import { balanceOf } from '../../src/core/balance.ts'

const ledger = { received: 95, stored: 80, duplicate: 3, joined: 2, folded: 1, filtered: 6, dead: 1, lost: 2 }

test('every frame that was read is in one part: the committed ones in the books, the rest in flight', () => {
  expect(balanceOf({ ledger, inFlight: 5 })).toEqual({
    received: 100,
    difference: 0,
    parts: [
      { name: 'stored', count: 80 },
      { name: 'duplicate', count: 3 },
      { name: 'joined', count: 2 },
      { name: 'folded', count: 1 },
      { name: 'filtered', count: 6 },
      { name: 'dead', count: 1 },
      { name: 'lost', count: 2 },
      { name: 'inFlight', count: 5 }
    ]
  })
})

test('books that do not balance say by how much', () => {
  expect(balanceOf({ ledger: { ...ledger, received: 97 }, inFlight: 5 }).difference).toBe(2)
  expect(balanceOf({ ledger: { ...ledger, received: 90 }, inFlight: 0 }).difference).toBe(-5)
})
