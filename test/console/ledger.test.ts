import { expect, test } from 'vitest'
import { balanceOf } from '../../src/console/status/ledger.ts'

const ledger = { received: 100, stored: 80, duplicate: 3, joined: 2, folded: 1, filtered: 6, dead: 1, lost: 2 }

test('every received frame is in one part, or the difference says so', () => {
  expect(balanceOf({ ledger, inFlight: 5 }).difference).toBe(0)
  expect(balanceOf({ ledger, inFlight: 0 }).difference).toBe(5)
})

test('all parts are named', () => {
  expect(balanceOf({ ledger, inFlight: 5 }).parts).toEqual([
    { name: 'stored', count: 80 },
    { name: 'duplicate', count: 3 },
    { name: 'joined', count: 2 },
    { name: 'folded', count: 1 },
    { name: 'filtered', count: 6 },
    { name: 'dead', count: 1 },
    { name: 'lost', count: 2 },
    { name: 'inFlight', count: 5 }
  ])
})
