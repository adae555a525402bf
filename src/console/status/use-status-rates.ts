import { useRef } from 'preact/hooks'
import type { Status } from '../../core/status.ts'

export interface StatusRates {
  /** Per second; undefined until there are two answers. */
  frames(listener: string): number | undefined
  bytes(listener: string): number | undefined
  /** Frames settled per second, by lane and partition. */
  settled(lane: string): number | undefined
}

interface Sample {
  readonly at: number
  readonly counts: ReadonlyMap<string, number>
}

/** Rates from the totals of two answers of the status. */
export function useStatusRates(status: Status | undefined, at: number): StatusRates {
  const samples = useRef<Sample[]>([])
  const { current } = samples
  if (status !== undefined && current.at(-1)?.at !== at) {
    current.push({ at, counts: countsOf(status) })
    if (current.length > 2) current.shift()
  }
  return {
    frames: name => rateOf(current, `frames ${name}`),
    bytes: name => rateOf(current, `bytes ${name}`),
    settled: name => rateOf(current, `settled ${name}`)
  }
}

function countsOf(status: Status): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { name, frames, bytes } of status.listeners) {
    counts.set(`frames ${name}`, frames)
    counts.set(`bytes ${name}`, bytes)
  }
  for (const { name, partition, ledger } of status.lanes) {
    counts.set(`settled ${name}/${partition}`, ledger.received)
  }
  return counts
}

function rateOf([earlier, later]: readonly Sample[], key: string): number | undefined {
  const from = earlier?.counts.get(key)
  const to = later?.counts.get(key)
  if (from === undefined || to === undefined) return undefined
  return Math.max(0, (to - from) / ((later.at - earlier.at) / 1000))
}
