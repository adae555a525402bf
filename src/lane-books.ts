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
  /** The furthest record of which a frame was joined to one of this. */
  reach: number
}

/** Frames of one record that a batch's events stand for: events' own ones, or those joined to an event, and how far those of its own events reach. */
export interface Share {
  readonly position: number
  readonly stored: number
  readonly joined: number
  readonly reach: number
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
 * order the events went out in, and no event lies on both sides of it: a lane that resumes there would read a part of it alone. A frame that
 * a stateful processor holds keeps its record open, and so the cursor before it.
 */
export function createLaneBooks(ledgerBefore: Ledger) {
  /** In the order of the journal. */
  const accounts = new Map<number, Account>()
  let ledger = ledgerBefore

  /** Walks the records at the front that are accounted for; `shares` are taken for stored. */
  function walk(shares: readonly Share[], onClosed: (closed: Closed) => void): void {
    const ofRecord = Map.groupBy(shares, ({ position }) => position)
    let sum = ledger
    let furthest = 0
    for (const { position, next, receiptTime, frames, open, counts, reach } of accounts.values()) {
      const given = ofRecord.get(position) ?? []
      if (given.reduce((left, { stored, joined }) => left - stored - joined, open) > 0) break
      sum = addLedgers(addLedgers(sum, counts), { received: frames })
      for (const { stored, joined } of given) sum = addLedgers(sum, { stored, joined })
      furthest = Math.max(furthest, reach, ...given.map(share => share.reach))
      if (furthest <= position) onClosed({ offset: next, receiptTime, ledger: sum })
    }
  }

  /** Of events that leave the lane, whatever becomes of them. */
  function keepTogether(shares: readonly Share[]): void {
    for (const { position, reach } of shares) {
      const account = accounts.get(position)
      if (account !== undefined) account.reach = Math.max(account.reach, reach)
    }
  }

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
      accounts.set(position, { position, next, receiptTime, frames, open: frames, counts: emptyLedger, reach: 0 })
    },

    book,

    /** `left` is what a rule left of `events`. */
    filtered(events: readonly Event[], left: readonly Event[]): void {
      if (events.length === left.length) return
      const given = sharesOf(events)
      keepTogether(given)
      const frames = framesOf(given)
      for (const { position, stored, joined } of sharesOf(left))
        frames.set(position, (frames.get(position) ?? 0) - stored - joined)
      for (const [position, count] of frames) book(position, 'filtered', count)
    },

    /**
     * The store's word on a batch. Which of its frames were duplicate or dead is not kept: they are booked on its last record, and then all of
     * its records are committed together.
     */
    settled(shares: readonly Share[], { duplicate, dead }: Omit<Outcome, 'stored'>): void {
      for (const { position, stored, joined } of shares) {
        book(position, 'stored', stored)
        book(position, 'joined', joined)
      }
      const last = shares.reduce((furthest, { position }) => Math.max(furthest, position), 0)
      const account = accounts.get(last)
      const isWhole = account !== undefined && duplicate + dead > 0
      keepTogether(isWhole ? shares.map(share => ({ ...share, reach: Math.max(share.reach, last) })) : shares)
      if (isWhole) account.counts = addLedgers(account.counts, { stored: -duplicate - dead, duplicate, dead })
    },

    /** Takes the records off the front up to where it may be committed; undefined where that is nowhere new. */
    close(): Closed | undefined {
      let closed: Closed | undefined
      walk([], last => {
        closed = last
      })
      if (closed === undefined) return undefined
      ledger = closed.ledger
      for (const position of accounts.keys()) {
        if (position >= closed.offset) break
        accounts.delete(position)
      }
      return closed
    },

    /** What `close` would say if the store took these. */
    closedWith(shares: readonly Share[]): Closed | undefined {
      let closed: Closed | undefined
      walk(shares, last => {
        closed = last
      })
      return closed
    }
  }
}

/** A share for each stretch of events of one record, and for the frames that were joined to them. */
export function sharesOf(events: readonly Event[]): Share[] {
  const shares: Share[] = []
  let position = -1
  let stored = 0
  let reach = 0
  const end = (): void => {
    if (stored > 0) shares.push({ position, stored, joined: 0, reach })
    stored = reach = 0
  }
  for (const event of events) {
    if (event.record.position !== position) {
      end()
      position = event.record.position
    }
    stored++
    for (const part of partsOf(event)) {
      reach = Math.max(reach, part.position)
      shares.push({ position: part.position, stored: 0, joined: part.frames, reach: 0 })
    }
  }
  end()
  return shares
}
