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
  /** `chars` is the length of the row's JSON. A row that `merge` brought is not taken twice. */
  add(row: LogRow, chars: number): void
  /** Puts rows of the store where their time belongs; a row that is there already is left out. */
  merge(rows: readonly LogRow[]): void
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

interface Kept {
  readonly row: LogRow
  readonly chars: number
}

/** What a stored row's JSON may be longer than its message; only the bound depends on it. */
const usualChars = 500

export function createTailBuffer({ maxLines, maxChars }: TailLimits = tailLimits): TailBuffer {
  let kept: Kept[] = []
  let chars = 0
  let first = 0
  let frozen: readonly LogRow[] | undefined
  let pending = 0
  let total = 0
  let stored: ReadonlySet<string> = new Set()

  function evict(): void {
    while (kept.length - first > maxLines || (chars > maxChars && kept.length - first > 1)) chars -= kept[first++].chars
    if (first < maxLines) return
    kept = kept.slice(first)
    first = 0
  }

  function set(entries: Kept[]): void {
    kept = entries
    first = 0
    chars = entries.reduce((sum, entry) => sum + entry.chars, 0)
    evict()
  }

  const rowsNow = (): LogRow[] => kept.slice(first).map(({ row }) => row)

  return {
    add(row, length) {
      if (stored.has(row.id)) return
      kept.push({ row, chars: length })
      chars += length
      total++
      if (frozen !== undefined) pending++
      evict()
    },
    merge(rows) {
      const here = new Set(rowsNow().map(row => row.id))
      const missing = rows.filter(row => !here.has(row.id))
      stored = new Set(rows.map(row => row.id))
      if (missing.length === 0) return
      const more = missing.map(row => ({ row, chars: row.message.length + usualChars }))
      set([...more, ...kept.slice(first)].sort((a, b) => compare(a.row.time, b.row.time)))
    },
    pause() {
      frozen ??= rowsNow()
    },
    resume() {
      frozen = undefined
      pending = 0
    },
    clear() {
      set([])
      pending = 0
      if (frozen !== undefined) frozen = []
    },
    get paused() {
      return frozen !== undefined
    },
    get rows() {
      return frozen ?? rowsNow()
    },
    get pending() {
      return pending
    },
    get total() {
      return total
    }
  }
}

/** ISO 8601 with the same number of digits sorts as text. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
