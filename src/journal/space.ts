import type { Partition } from './partition.ts'
import type { Segment } from './segment-row.ts'

/** Asking a lane to skip is repeated after this time, should it not have heard. */
const askAgainMs = 1000

export interface SpaceOptions {
  /** The bound as it is now. */
  readonly maxBytes: () => number
  readonly repeatMs: number
  readonly retainMs: number
  readonly retainBytes: number
  readonly lanes: readonly { readonly name: string; readonly whenFull: 'wait' | 'skip' }[]
  readonly partitions: readonly Partition[]
  readonly onSkip: (lane: string, partition: number, to: number) => void
}

/** Decides what may be kept and what goes. */
export function createSpace(options: SpaceOptions) {
  const { maxBytes, repeatMs, retainMs, retainBytes, lanes, partitions, onSkip } = options
  const cursors = new Map(lanes.map(({ name }) => [name, new Map<number, number>()]))
  const asked = new Map<string, { to: number; at: number }>()

  /** Up to where `lane` needs nothing more; a lane without a cursor may begin at the oldest record. */
  const cursorOf = (lane: string, partition: number): number => cursors.get(lane)?.get(partition) ?? 0

  const committedByAll = (partition: number): number =>
    lanes.reduce((least, { name }) => Math.min(least, cursorOf(name, partition)), Number.POSITIVE_INFINITY)

  const used = (): number => partitions.reduce((sum, partition) => sum + partition.bytes(), 0)

  /** What every lane has committed, in segments that could go. */
  const retained = (): number =>
    partitions.reduce((sum, partition) => sum + partition.bytesTo(committedByAll(partition.partition)), 0)

  /** Ages are real ones, whatever happens to the wall clock. */
  const forRepeats = (segment: Segment): boolean => performance.now() - segment.postAt < repeatMs
  const isYoung = (segment: Segment): boolean => forRepeats(segment) || performance.now() - segment.writtenAt < retainMs

  /** Removes the oldest segment of `partition`, if no lane needs it. */
  function free(partition: Partition, keep: (segment: Segment) => boolean): boolean {
    const oldest = partition.oldest()
    if (oldest === undefined || oldest.end > committedByAll(partition.partition) || keep(oldest)) return false
    partition.dropOldest()
    return true
  }

  /** The oldest one of all partitions before the others. */
  function freeOldest(keep: (segment: Segment) => boolean): boolean {
    const byAge = partitions.toSorted((a, b) => (a.oldest()?.newest ?? 0) - (b.oldest()?.newest ?? 0))
    return byAge.some(partition => free(partition, keep))
  }

  function freeAll(): void {
    for (const partition of partitions) while (free(partition, isYoung)) {}
    while (retainMs > 0 && retained() > retainBytes && freeOldest(forRepeats)) {}
  }

  /** Segments that are kept only for replays and repeated POSTs go first. */
  function fits(bytes: number): boolean {
    while (used() + bytes > maxBytes()) if (!freeOldest(() => false)) return false
    return true
  }

  /** Others have filled the disk: one segment goes that no lane needs, if there is one. */
  function makeRoom(): void {
    freeOldest(() => false)
  }

  /** Whether a record of so many bytes may be added. What all lanes have committed never keeps a record out. */
  function admit(bytes: number): boolean {
    if (fits(bytes)) return true
    if (partitions.every(p => p.pendingBytes() === 0 && p.end().end <= committedByAll(p.partition))) return true
    for (const partition of partitions) askToSkip(partition)
    return false
  }

  function holders(partition: Partition) {
    const end = partition.oldest()?.end ?? 0
    return lanes.filter(({ name }) => cursorOf(name, partition.partition) < end)
  }

  /** Only where skipping frees the segment: every lane that still needs it may skip. */
  function askToSkip(partition: Partition): void {
    const to = partition.secondBase()
    if (to === undefined) return
    const holding = holders(partition)
    if (holding.some(({ whenFull }) => whenFull === 'wait')) return
    for (const { name } of holding) {
      const key = `${name}.${partition.partition}`
      const before = asked.get(key)
      if (before?.to === to && performance.now() - before.at < askAgainMs) continue
      asked.set(key, { to, at: performance.now() })
      onSkip(name, partition.partition, to)
    }
  }

  return {
    admit,
    freeAll,
    makeRoom,
    used,
    retained,
    /** For people: the lanes that need the oldest segment of a partition. */
    holding: (): string[] => [...new Set(partitions.flatMap(partition => holders(partition).map(({ name }) => name)))],
    committed(lane: string, partition: number, offset: number): void {
      cursors.get(lane)?.set(partition, offset)
      freeAll()
    }
  }
}
export type Space = ReturnType<typeof createSpace>
