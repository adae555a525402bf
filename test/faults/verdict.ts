import { type Entry, type NumberedPlace, type Place, places, type Transport, transports } from './evidence.ts'
import type { Holding } from './holdings.ts'

export type Holdings = Readonly<Record<Place, Holding>>

/** A transport's, in frames. */
export interface Row {
  sent: number
  acknowledged: number
  /** By place: in it, at least once. */
  elasticsearch: number
  influxdb: number
  dead: number
  /** Held more than once, or by more than one place. */
  duplicates: number
  /** Acknowledged, or followed by others of their connection, and held nowhere. */
  lost: number
  /** Held where they do not belong, or although they were cut. */
  misplaced: number
  /** Sent again over the next connection, and of these held under both numbers. */
  resent: number
  resentHeldTwice: number
  cut: number
}

/** A frame about which something is wrong. */
export interface Finding {
  readonly number: number
  readonly what: 'lost' | 'duplicate' | 'misplaced' | 'unknown'
  /** Connection or POST, and in which words. */
  readonly where: string
}

export interface Verdict {
  readonly rows: Readonly<Record<Transport, Row>>
  readonly findings: readonly Finding[]
  /** Answered POSTs that were sent again. */
  readonly repeated: number
  /** Letters of a frame that has one already: a kill between letter and commit. */
  readonly lettersTwice: number
}

interface Sending {
  readonly transport: Transport
  readonly over: string
  readonly frames: { readonly number: number; readonly place: Place; readonly again?: number; readonly cut: boolean }[]
  readonly life?: number | undefined
  closed: 'orderly' | 'broken' | 'not'
  answered: boolean
}

/**
 * Nothing acknowledged is lost, nothing is held twice. Acknowledged is
 *
 * - of a POST: what was answered with 2xx;
 * - of a connection: what lay in the journal when a life of Culvert ended; all of it, where it was closed in order and its life was ended in order;
 *   and whatever came before a frame that is held, since a connection is an order.
 */
export async function judge(entries: AsyncIterable<Entry> | Iterable<Entry>, holdings: Holdings): Promise<Verdict> {
  const sendings = new Map<string, Sending>()
  const journalled = new Set<number>()
  const endedInOrder = new Set<number>()
  let repeated = 0
  for await (const entry of entries) {
    if ('opened' in entry) {
      const { opened: over, transport, life } = entry
      sendings.set(over, { transport, over, frames: [], life, closed: 'not', answered: false })
    } else if ('sent' in entry) {
      const { sent: number, to: place, over, again, cut = false } = entry
      sendings.get(over)!.frames.push({ number, place, cut, ...(again !== undefined && { again }) })
    } else if ('closed' in entry) sendings.get(entry.closed)!.closed = entry.orderly ? 'orderly' : 'broken'
    else if ('posted' in entry) {
      const { posted: over, transport, frames } = entry
      sendings.set(over, { transport, over, frames: frames.map(frameOf), closed: 'not', answered: false })
    } else if ('answered' in entry) sendings.get(entry.answered)!.answered = true
    else if ('repeated' in entry) repeated++
    else if ('journalled' in entry) for (const number of entry.journalled) journalled.add(number)
    else if (entry.inOrder) endedInOrder.add(entry.ended)
  }

  const findings: Finding[] = []
  const rows = Object.fromEntries(transports.map(transport => [transport, emptyRow()])) as Record<Transport, Row>
  const known = new Set<number>()
  for (const sending of sendings.values()) {
    const row = rows[sending.transport]
    const isPost = !('life' in sending)
    const whole =
      sending.answered || (!isPost && sending.closed === 'orderly' && endedInOrder.has(sending.life ?? Number.NaN))
    const lastHeld = isPost ? -1 : sending.frames.findLastIndex(({ number }) => heldTimes(number, holdings) > 0)
    for (const [index, { number, place, again, cut }] of sending.frames.entries()) {
      known.add(number)
      const times = heldTimes(number, holdings)
      const acknowledged = !cut && (whole || (!isPost && journalled.has(number)))
      const report = (what: Finding['what'], words: string): void =>
        void findings.push({
          number,
          what,
          where: `${sending.over}, frame ${index + 1} of ${sending.frames.length}, ${words}`
        })
      row.sent++
      if (acknowledged) row.acknowledged++
      if (cut) row.cut++
      for (const name of places) if (holdings[name].has(number)) row[name]++
      if (again !== undefined) {
        row.resent++
        if (times > 0 && heldTimes(again, holdings) > 0) row.resentHeldTwice++
      }
      if (times > 1) {
        row.duplicates++
        report('duplicate', `is held ${times} times: ${placesOf(number, holdings)}`)
      }
      if (times === 0 && !cut && (acknowledged || index < lastHeld)) {
        row.lost++
        const why = whole ? 'was acknowledged' : acknowledged ? 'lay in the journal' : 'others behind it came'
        report('lost', `belongs to ${place}, ${why}, and is nowhere`)
      }
      if (times > 0 && (cut || !holdings[place].has(number))) {
        row.misplaced++
        report('misplaced', cut ? 'was cut' : `belongs to ${place} and is in ${placesOf(number, holdings)}`)
      }
    }
  }
  for (const name of places) {
    for (const [number, times] of holdings[name]) {
      if (!known.has(number)) findings.push({ number, what: 'unknown', where: `${times} in ${name} that nobody sent` })
    }
  }
  const lettersTwice = Array.from(holdings.dead.values()).reduce((sum, times) => sum + times - 1, 0)
  return { rows, findings, repeated, lettersTwice }
}

const frameOf = ([number, place]: NumberedPlace) => ({ number, place, cut: false })

/** A frame that has two letters is dead once. */
const heldTimes = (number: number, { elasticsearch, influxdb, dead }: Holdings): number =>
  (elasticsearch.get(number) ?? 0) + (influxdb.get(number) ?? 0) + (dead.has(number) ? 1 : 0)

const placesOf = (number: number, holdings: Holdings): string =>
  places
    .filter(name => holdings[name].has(number))
    .map(name => `${name} (${holdings[name].get(number)})`)
    .join(', ')

const emptyRow = (): Row => ({
  sent: 0,
  acknowledged: 0,
  elasticsearch: 0,
  influxdb: 0,
  dead: 0,
  duplicates: 0,
  lost: 0,
  misplaced: 0,
  resent: 0,
  resentHeldTwice: 0,
  cut: 0
})
