import type { LedgerPart } from '../../core/balance.ts'
import type { LossKind } from '../../core/losses.ts'

/** What a word of the books means, in a line. */
export const meanings: Readonly<Record<LedgerPart, string>> = {
  stored: 'The store has said yes.',
  duplicate: 'It was there already, or a POST came twice: kept once.',
  joined: 'Became part of another event.',
  folded: 'Counted within a window of time.',
  filtered: 'Left out by a rule, or not of a kind that this store takes.',
  dead: 'The store refused it for good: kept whole, with the reason.',
  lost: 'Given up by a policy that somebody configured: see below.',
  inFlight: 'Read, and not committed yet.'
}

export const kindWords: Readonly<Record<LossKind, string>> = {
  drain: 'Agent’s buffer overran',
  loggregator: 'Loggregator dropped',
  rate_limit: 'Log rate limit',
  counter_gap: 'Gap in a counter'
}

export const reasonWords = { journal_full: 'The journal was full' } as const
