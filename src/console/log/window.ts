/** A row that is open: its index and how much higher than a closed one it is, in px. */
export interface OpenRow {
  readonly index: number
  readonly extra: number
}

export interface RowWindow {
  /** First row to draw, and one past the last. */
  readonly first: number
  readonly last: number
  /** Where the first row to draw begins, px from the top of all rows. */
  readonly offset: number
  /** Height of all rows, px. */
  readonly height: number
}

/** Where row `index` begins. */
export function offsetOfRow(index: number, rowHeight: number, open: readonly OpenRow[]): number {
  let offset = index * rowHeight
  for (const row of open) if (row.index < index) offset += row.extra
  return offset
}

/** Which rows of a long list are worth drawing: those in view and `overscan` on either side. */
export function windowOf(
  count: number,
  rowHeight: number,
  open: readonly OpenRow[],
  scrollTop: number,
  viewHeight: number,
  overscan = 8
): RowWindow {
  const first = Math.max(0, lastRowAt(scrollTop) - overscan)
  const last = Math.min(count, lastRowAt(scrollTop + viewHeight) + 1 + overscan)
  return {
    first,
    last: Math.max(first, last),
    offset: offsetOfRow(first, rowHeight, open),
    height: offsetOfRow(count, rowHeight, open)
  }

  function lastRowAt(y: number): number {
    let low = 0
    let high = Math.max(0, count - 1)
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (offsetOfRow(middle, rowHeight, open) <= y) low = middle
      else high = middle - 1
    }
    return low
  }
}
