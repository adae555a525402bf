import { expect, test } from 'vitest'
import { ledgerReport } from '../src/ledger-report.ts'
import { exampleLedger } from './http/open-http.ts'
import { exampleStatus } from './telemetry/status.ts'

const [lane] = exampleStatus.lanes
const report = (changes: object) =>
  ledgerReport({ ...exampleStatus, lanes: [{ ...lane!, ...changes }] }, exampleLedger.lostBefore, 5).lanes[0]

test('the books of a lane: what it received, and where all of it is', () => {
  // 80 stored, 4 duplicates, 3 joined, 2 folded, 1 filtered, 3 dead, 2 lost: 95 of the 100
  expect(report({})).toMatchObject({ received: 105, accountedFor: 100, balances: false, since: 1_795_400_000_000 })
  expect(report({ ledger: { ...lane!.ledger, stored: 85 } })).toMatchObject({
    received: 105,
    accountedFor: 105,
    balances: true,
    inFlight: 5,
    lost: lane!.lost
  })
})

test('what lies beside the books', () => {
  const { deadLetters, journal, startedAt, version } = exampleStatus
  expect(ledgerReport(exampleStatus, exampleLedger.lostBefore, 5)).toMatchObject({
    version,
    startedAt,
    generatedAt: 5,
    lostBefore: exampleLedger.lostBefore,
    deadLetters,
    damaged: journal.damaged
  })
})
