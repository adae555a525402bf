import { expect, test } from 'vitest'
import type { Ledger } from '../../src/core/contract.ts'
import type { LaneStatus } from '../../src/core/status.ts'
import { emptyLedger } from '../../src/ledger.ts'
import { auditBooks } from './books.ts'

const lane = (name: string, ledger: Partial<Ledger>, inFlight = 0) =>
  ({ name, ledger: { ...emptyLedger, ...ledger }, inFlight, framesPerSecond: 0 }) as LaneStatus & { framesPerSecond: 0 }
const counts = (...numbers: number[]) => new Map(numbers.map(number => [number, 1]))
const holdings = { elasticsearch: counts(1, 2), influxdb: counts(3), dead: counts(4) }
const logs = { received: 6, stored: 1, duplicate: 2, filtered: 2, dead: 1 }
const metrics = { received: 6, stored: 1, duplicate: 1, filtered: 4 }
const audit = (first: Partial<Ledger>, second: Partial<Ledger>, inFlight = 0) =>
  auditBooks(
    { lanes: [lane('elasticsearch', { ...logs, ...first }), lane('influxdb', { ...metrics, ...second }, inFlight)] },
    holdings
  )

test('books that balance and agree with the stores', () => expect(audit({}, {})).toEqual([]))

test.each([
  ['do not balance', { filtered: 3 }, {}, /^elasticsearch: 6 received are not/],
  ['have lost something', { filtered: 1, lost: 1 }, {}, /^elasticsearch: 1 lost/],
  ['differ between lanes', {}, { received: 7, filtered: 5 }, /^influxdb: 7 received, and others 6/],
  ['know fewer documents', { duplicate: 0, filtered: 4 }, {}, /1 stored and 0 duplicates for 2 documents/],
  ['know more documents', { stored: 3, duplicate: 0 }, {}, /3 stored and 0 duplicates for 2 documents/],
  ['know fewer points', {}, { stored: 0, filtered: 5 }, /^influxdb: 0 stored for 1 points/],
  ['know fewer dead letters', { dead: 0, filtered: 3 }, {}, /^0 dead for 1 frames/],
  [
    'received less than is kept',
    { received: 3, duplicate: 1, filtered: 0 },
    { received: 3, filtered: 1 },
    /^3 received/
  ]
])('books that %s', (_, first, second, sentence) => {
  expect(audit(first, second)).toEqual([expect.stringMatching(sentence)])
})

test('books with something still in flight', () =>
  expect(audit({}, {}, 1)).toEqual(['influxdb: 0 lost and 1 in flight']))
