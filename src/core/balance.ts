import type { LaneStatus } from './status.ts'

export const ledgerParts = ['stored', 'duplicate', 'joined', 'folded', 'filtered', 'dead', 'lost', 'inFlight'] as const
export type LedgerPart = (typeof ledgerParts)[number]

export interface Balance {
  /** Frames that the lane has read: those of its books, which are kept at each commit, and those in flight. */
  readonly received: number
  readonly parts: readonly { readonly name: LedgerPart; readonly count: number }[]
  /** Received less all parts: 0 when the books balance. */
  readonly difference: number
}

/** The books of a lane: every received frame is in exactly one part. */
export function balanceOf({ ledger, inFlight }: Pick<LaneStatus, 'ledger' | 'inFlight'>): Balance {
  const counts = { ...ledger, inFlight }
  const parts = ledgerParts.map(name => ({ name, count: counts[name] }))
  const received = ledger.received + inFlight
  return { received, parts, difference: received - parts.reduce((sum, part) => sum + part.count, 0) }
}
