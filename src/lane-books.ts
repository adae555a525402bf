import type { Ledger } from './core/contract.ts'
import { type Event, partsOf } from './core/event.ts'
import type { RecordView } from './core/record.ts'
import type { Outcome } from './delivery-attempts.ts'
import { addLedgers, emptyLedger } from './ledger.ts'

/** A record that was read, until each of its frames is accounted for. */
interface Account {
  readonly position: number
  readonly next: number
  readonly receiptTime: number
  readonly frames: number
  /** Frames of which nobody knows yet what becomes of them: on their way, or held by a processor. */
  open: number
  counts: Ledger
}

/** Frames of one record that a batch's events stand for: an event's own one, those joined to it, those folded into it. */
export interface Share {
  readonly position: number
  readonly stored: number
  readonly joined: number
}

/** Where everything before is accounted for. */
export interface Closed {
  readonly offset: number
  readonly receiptTime: number
  readonly ledger: Ledger
}

type Fate = Exclude<keyof Ledger, 'received'>

/**
 * The books of a lane between two commits, by record: a position may be committed when every frame before it is accounted for, whatever
 * order the events went out in. A frame that a stateful processor holds keeps its record open, and so the cursor before it.
 */
export function createLaneBooks(ledgerBefore: Ledger) {
  /** In the order of the journal. */
  const accounts = new Map<number, Account>()
  let ledger = ledgerBefore

  function book(position: number, fate: Fate, frames: number): void {
    const account = accounts.get(position)
    if (account === undefined || frames === 0) return
    account.open -= frames
    account.counts = addLedgers(account.counts, { [fate]: frames })
  }

  /** What of a batch counts as stored until its outcome is known, by record. */
  function framesOf(shares: readonly Share[]): Map<number, number> {
    const frames = new Map<number, number>()
    for (const { position, stored, joined } of shares)
      frames.set(position, (frames.get(position) ?? 0) + stored + joined)
    return frames
  }

  return {
    read({ position, nextPosition: next, receiptTime, frameCount: frames }: RecordView): void {
      accounts.set(position, { position, next, receiptTime, frames, open: frames, counts: emptyLedger })
    },

    book,

    /** `left` is what a rule left of `events`. */
    filtered(events: readonly Event[], left: readonly Event[]): void {
      if (events.length === left.length) return
      const frames = framesOf(sharesOf(events))
      for (const { position, stored, joined } of sharesOf(left))
        frames.set(position, (frames.get(position) ?? 0) - stored - joined)
      for (const [position, count] of frames) book(position, 'filtered', count)
    },

    /** The store's word on a batch. Which of its frames were duplicate or dead is not kept: they are booked on its last record. */
    settled(shares: readonly Share[], { duplicate, dead }: Omit<Outcome, 'stored'>): void {
      let last = shares[0]
      for (const share of shares) {
        book(share.position, 'stored', share.stored)
        book(share.position, 'joined', share.joined)
        if (last === undefined || share.position > last.position) last = share
      }
      const account = last && accounts.get(last.position)
      if (account !== undefined && duplicate + dead > 0)
        account.counts = addLedgers(account.counts, { stored: -duplicate - dead, duplicate, dead })
    },

    /** Takes the records off the front that are accounted for; undefined when there are none. */
    close(): Closed | undefined {
      let last: Account | undefined
      for (const account of accounts.values()) {
        if (account.open > 0) break
        accounts.delete(account.position)
        ledger = addLedgers(addLedgers(ledger, account.counts), { received: account.frames })
        last = account
      }
      return last && { offset: last.next, receiptTime: last.receiptTime, ledger }
    },

    /** What `close` would say if the store took these. */
    closedWith(shares: readonly Share[]): Closed | undefined {
      const frames = framesOf(shares)
      let closed: Closed | undefined
      let sum = ledger
      for (const { position, open, counts, next, receiptTime, frames: received } of accounts.values()) {
        if (open > (frames.get(position) ?? 0)) break
        sum = addLedgers(addLedgers(sum, counts), { received })
        for (const share of shares)
          if (share.position === position) sum = addLedgers(sum, { stored: share.stored, joined: share.joined })
        closed = { offset: next, receiptTime, ledger: sum }
      }
      return closed
    }
  }
}

/** A share for each stretch of events of one record, and for the frames that were joined to them. */
export function sharesOf(events: readonly Event[]): Share[] {
  const shares: Share[] = []
  let position = -1
  let stored = 0
  const end = (): void => {
    if (stored > 0) shares.push({ position, stored, joined: 0 })
    stored = 0
  }
  for (const event of events) {
    if (event.record.position !== position) {
      end()
      position = event.record.position
    }
    stored++
    for (const part of partsOf(event)) shares.push({ position: part.position, stored: 0, joined: part.frames })
  }
  end()
  return shares
}
