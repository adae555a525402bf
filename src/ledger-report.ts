import { balanceOf } from './core/balance.ts'
import type { LaneBooks, LedgerReport } from './core/ledger-report.ts'
import type { LostBefore } from './core/losses.ts'
import type { LaneStatus, Status } from './core/status.ts'

/** The ledger of the moment, `now` in ms since 1970. */
export const ledgerReport = (status: Status, lostBefore: LostBefore, now: number): LedgerReport => ({
  version: status.version,
  generatedAt: now,
  startedAt: status.startedAt,
  lanes: status.lanes.map(booksOf),
  lostBefore,
  deadLetters: status.deadLetters,
  damaged: status.journal.damaged
})

function booksOf(lane: LaneStatus): LaneBooks {
  const { name, sink, partition, where, state, position, ledger, inFlight, lost, since, committedAt } = lane
  const { received, difference } = balanceOf(lane)
  return {
    name,
    sink,
    partition,
    where,
    state,
    position,
    ...(since === undefined ? {} : { since }),
    ...(committedAt === undefined ? {} : { committedAt }),
    received,
    accountedFor: received - difference,
    balances: difference === 0,
    ledger,
    inFlight,
    lost
  }
}
