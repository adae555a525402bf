import type { LogRow } from '../../core/plain.ts'

export interface TailLimits {
  /** The newest lines that are kept. */
  readonly maxLines: number
  /** And no more than this of their JSON, in characters. */
  readonly maxChars: number
}

export const tailLimits: TailLimits = { maxLines: 2000, maxChars: 24 * 2 ** 20 }

/** The lines of a live tail: bounded, and standing still while somebody reads. */
export interface TailBuffer {
  /** `chars` is the length of the row's JSON. A row that `prepend` brought is not taken twice. */
  add(row: LogRow, chars: number): void
  /** Puts rows from the store, oldest first, before the ones that are there; a row that is there already is left out. */
  prepend(rows: readonly LogRow[]): void
  pause(): void
  resume(): void
  clear(): void
  readonly paused: boolean
  /** What to show: oldest first; stands still while paused. */
  readonly rows: readonly LogRow[]
  /** Lines that came since the pause. */
  readonly pending: number
  /** Lines that ever came by `add`. */
  readonly total: number
}

export function createTailBuffer({ maxLines, maxChars }: TailLimits = tailLimits): TailBuffer {
  let rows: LogRow[] = []
  let sizes: number[] = []
  let chars = 0
  let first = 0
  let frozen: readonly LogRow[] | undefined
  let pending = 0
  let total = 0
  let stored = new Set<string>()

  function evict(): void {
    while (rows.length - first > maxLines || (chars > maxChars && rows.length - first > 1)) chars -= sizes[first++]
    if (first < maxLines) return
    rows = rows.slice(first)
    sizes = sizes.slice(first)
    first = 0
  }

  return {
    add(row, length) {
      if (stored.delete(row.id)) return
      rows.push(row)
      sizes.push(length)
      chars += length
      total++
      if (frozen !== undefined) pending++
      evict()
    },
    prepend(older) {
      const here = new Set(rows.slice(first).map(row => row.id))
      const missing = older.filter(row => !here.has(row.id)).slice(-maxLines)
      const lengths = missing.map(row => row.message.length + 500)
      stored = new Set(missing.map(row => row.id))
      rows = [...missing, ...rows.slice(first)]
      sizes = [...lengths, ...sizes.slice(first)]
      chars = sizes.reduce((sum, size) => sum + size, 0)
      first = 0
      evict()
    },
    pause() {
      frozen ??= rows.slice(first)
    },
    resume() {
      frozen = undefined
      pending = 0
    },
    clear() {
      rows = []
      sizes = []
      chars = 0
      first = 0
      pending = 0
      if (frozen !== undefined) frozen = []
    },
    get paused() {
      return frozen !== undefined
    },
    get rows() {
      return frozen ?? rows.slice(first)
    },
    get pending() {
      return pending
    },
    get total() {
      return total
    }
  }
}
