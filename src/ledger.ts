import type { Ledger } from './core/contract.ts'

export const emptyLedger: Ledger = {
  received: 0,
  stored: 0,
  duplicate: 0,
  joined: 0,
  folded: 0,
  filtered: 0,
  dead: 0,
  lost: 0
}

export const addLedgers = (a: Ledger, b: Partial<Ledger>): Ledger => ({
  received: a.received + (b.received ?? 0),
  stored: a.stored + (b.stored ?? 0),
  duplicate: a.duplicate + (b.duplicate ?? 0),
  joined: a.joined + (b.joined ?? 0),
  folded: a.folded + (b.folded ?? 0),
  filtered: a.filtered + (b.filtered ?? 0),
  dead: a.dead + (b.dead ?? 0),
  lost: a.lost + (b.lost ?? 0)
})
