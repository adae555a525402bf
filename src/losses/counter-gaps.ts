import { createHash } from 'node:crypto'
import type { CounterEvent } from '../core/event.ts'
import type { Source } from '../core/source.ts'

/** So much of a counter's growth never came: in its own unit. */
export interface CounterGap {
  readonly source: Source
  readonly name: string
  readonly missing: number
}

/** What comes later by another connection fills a gap for so long, ms of receipt time. */
export const settleMs = 60_000
/** A series' gaps are believed when it has added up so often; each time that it does not, it must again as often. */
export const proof = 8
const maxScore = proof * 8
export const maxSeries = 50_000
/** More gaps at a time, and it is no series that we understand. */
const maxGapsOfSeries = 4
const maxNameLength = 200

interface Series {
  /** The highest total, and the time of the newest event, µs. */
  total: bigint
  time: number
  /** When the emitter began to count, as far as we know, µs: what is older belongs to its life before. */
  since: number
  score: number
  gaps: Gap[]
}

/** Totals above `from` and up to `to` of which no event has come. */
interface Gap {
  readonly series: Series
  readonly source: Source
  readonly name: string
  readonly openedAt: number
  from: bigint
  to: bigint
}

/**
 * Compares each counter's total with what it was and its delta. An event stands for the totals from `total - delta` to `total`; what no event
 * stands for is a gap once `settleMs` are over. Repeated events, neighbours that come in another order, emitters that begin anew, and those that send
 * totals only are none: in doubt there is no gap.
 */
export function createCounterGaps(onGap: (gap: CounterGap) => void, most = maxSeries) {
  const keys = new WeakMap<Source, string>()
  let young = new Map<string, Series>()
  let old = new Map<string, Series>()
  /** In the order in which they are settled. */
  const open = new Set<Gap>()
  let forgotten = 0

  /** The same counter whichever drain it comes by: HOSTNAME is the drain's. */
  function keyOf(source: Source): string {
    const known = keys.get(source)
    if (known !== undefined) return known
    const { id, procid, tags } = source
    const key = createHash('sha256')
      .update(JSON.stringify([id, procid, tags]))
      .digest('base64')
    keys.set(source, key)
    return key
  }

  function find(key: string): Series | undefined {
    const known = young.get(key)
    if (known !== undefined) return known
    const aged = old.get(key)
    if (aged !== undefined) keep(key, aged)
    return aged
  }

  function keep(key: string, series: Series): void {
    if (young.size >= most / 2) {
      for (const seen of old.keys()) if (!young.has(seen)) forgotten++
      old = young
      young = new Map()
    }
    young.set(key, series)
  }

  function openGap(series: Series, to: bigint, { source, name }: CounterEvent, openedAt: number): void {
    const gap = { series, source, name, openedAt, from: series.total, to }
    series.gaps.push(gap)
    open.add(gap)
  }

  /** Takes what the event stands for out of the gaps; answers whether it was in any. */
  function fill(series: Series, from: bigint, to: bigint): boolean {
    let filled = false
    for (const gap of [...series.gaps]) {
      const begin = from > gap.from ? from : gap.from
      const end = to < gap.to ? to : gap.to
      if (begin >= end) continue
      filled = true
      if (end < gap.to && begin > gap.from) {
        const behind = { ...gap, from: end }
        series.gaps.push(behind)
        open.add(behind)
        gap.to = begin
      } else if (begin > gap.from) gap.to = begin
      else gap.from = end
      if (gap.from === gap.to) {
        remove(gap)
        series.score = Math.min(maxScore, series.score + proof)
      }
    }
    return filled
  }

  function remove(gap: Gap): void {
    gap.series.gaps.splice(gap.series.gaps.indexOf(gap), 1)
    open.delete(gap)
  }

  /** A new highest total. */
  function grow(series: Series, event: CounterEvent, clock: number, counted: boolean): void {
    const { total, delta, timeMicros } = event
    const from = total - delta
    if (delta === 0n) series.score = 0
    else if (from === series.total) series.score = Math.min(maxScore, series.score + 1)
    else {
      const hasRoom = series.gaps.length < maxGapsOfSeries && open.size < most
      const believed = from > series.total && series.score >= proof && hasRoom
      series.score = Math.max(0, series.score - proof)
      if (believed && !counted) openGap(series, from, event, clock)
    }
    series.total = total
    series.time = Math.max(series.time, timeMicros)
  }

  return {
    /** `clock` is the receipt time, ms; `counted` says that gaps here were counted by an earlier life. */
    see(event: CounterEvent, clock: number, counted: boolean): void {
      const { total, delta, timeMicros, name } = event
      if (name.length > maxNameLength) return
      const key = keyOf(event.source) + name
      const series = find(key)
      if (series === undefined) {
        keep(key, { total, time: timeMicros, since: timeMicros, score: 0, gaps: [] })
        return
      }
      if (total > series.total && timeMicros >= series.since) grow(series, event, clock, counted)
      else if (!fill(series, total - delta, total) && timeMicros > series.time && total - delta < series.total) {
        // No total is reached twice: the emitter has begun anew.
        series.total = total
        series.time = series.since = timeMicros
        series.score = 0
      }
    },

    /** Gaps that nothing has filled in time are gaps for good. */
    settle(clock: number): void {
      for (const gap of open) {
        if (gap.openedAt + settleMs > clock) return
        remove(gap)
        onGap({ source: gap.source, name: gap.name, missing: Number(gap.to - gap.from) })
      }
    },

    /** Something of the journal was passed over: the next event of each series says where it is. */
    forget(): void {
      young = new Map()
      old = new Map()
      open.clear()
    },
    /** Series that were let go to make room. */
    get forgotten() {
      return forgotten
    },
    /** Distinct series held now. */
    get size() {
      return young.size + old.size
    }
  }
}
export type CounterGaps = ReturnType<typeof createCounterGaps>
