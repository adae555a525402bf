const capacity = 2 ** 15

/**
 * Room for the byte ranges that parsers find: one typed array for many lines instead of one for each, which costs more than
 * the parsing. A line keeps the array and the index at which its own begin; nothing is ever overwritten.
 */
export class RangePool {
  ints = new Int32Array(capacity)
  /** The first free place. Whoever has written there moves it on. */
  at = 0

  /** Makes sure that `count` places are free. */
  reserve(count: number): void {
    if (this.at + count <= this.ints.length) return
    this.ints = new Int32Array(Math.max(capacity, count))
    this.at = 0
  }
}
