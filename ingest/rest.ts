const smallest = 256

/** What a connection sent of a frame that is not whole. Without bytes it holds no memory: most connections are idle. */
export class Rest {
  length = 0
  #bytes: Buffer | undefined

  /** Replaces what is held. */
  keep(bytes: Buffer, from: number, to: number): void {
    this.length = 0
    if (to === from) this.#bytes = undefined
    else this.append(bytes, from, to)
  }

  append(bytes: Buffer, from: number, to: number): void {
    const length = this.length + to - from
    const held = this.#bytes
    if (held === undefined || held.length < length) {
      // Not of the pool: a few bytes would hold 64 KiB.
      const grown = Buffer.allocUnsafeSlow(Math.max(smallest, 2 ** Math.ceil(Math.log2(length))))
      held?.copy(grown, 0, 0, this.length)
      this.#bytes = grown
    }
    bytes.copy(this.#bytes!, this.length, from, to)
    this.length = length
  }

  copyTo(target: Buffer, at: number): void {
    if (this.length > 0) this.#bytes!.copy(target, at, 0, this.length)
  }
}
