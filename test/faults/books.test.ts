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
  [
    'know fewer documents',
    { duplicate: 1, filtered: 3 },
    {},
    /1 stored and 1 duplicates, 1 of them in .*, for 2 documents/
  ],
  [
    'know more documents',
    { stored: 2, filtered: 1 },
    {},
    /2 stored and 2 duplicates, 1 of them in .*, for 2 documents/
  ],
  ['know more points', {}, { stored: 2, filtered: 3 }, /^influxdb: 2 stored for 1 points/],
  ['know more dead letters', { dead: 2, filtered: 1 }, {}, /^2 dead for 1 frames/]
])('books that %s', (_, first, second, sentence) => {
  expect(audit(first, second)).toEqual([expect.stringMatching(sentence)])
})

test('books with something still in flight', () =>
  expect(audit({}, {}, 1)).toEqual(['influxdb: 0 lost and 1 in flight']))
