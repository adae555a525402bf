import { chunkBytes, freeBytes, type Room } from './room.ts'

const smallest = 256

/**
 * What a connection sent of a frame that is not whole. Without bytes it holds no memory: most connections are idle. A little lies in a
 * buffer of its own, more in chunks of the room: buffers that grow would leave garbage of their own size.
 */
export class Rest {
  length = 0
  readonly #room: Pick<Room, 'takeChunk' | 'giveChunk'>
  #little: Buffer | undefined
  #chunks: Buffer[] = []

  constructor(room: Pick<Room, 'takeChunk' | 'giveChunk'>) {
    this.#room = room
  }

  /** Bytes of the room that it holds. */
  get heldBytes(): number {
    return this.#chunks.length * chunkBytes
  }

  /** Replaces what is held; `bytes` are not its own. */
  keep(bytes: Buffer, from: number, to: number): void {
    this.length = 0
    for (const chunk of this.#chunks) this.#room.giveChunk(chunk)
    if (this.#chunks.length > 0) this.#chunks = []
    if (to - from === 0 || to - from > freeBytes) this.#little = undefined
    if (to > from) this.append(bytes, from, to)
  }

  append(bytes: Buffer, from: number, to: number): void {
    const length = this.length + to - from
    if (length > freeBytes) this.#appendChunks(bytes, from, to)
    else {
      const held = this.#little
      if (held === undefined || held.length < length) {
        // Not of the pool: a few bytes would hold 64 KiB.
        const grown = Buffer.allocUnsafeSlow(Math.max(smallest, 2 ** Math.ceil(Math.log2(length))))
        held?.copy(grown, 0, 0, this.length)
        this.#little = grown
      }
      bytes.copy(this.#little!, this.length, from, to)
    }
    this.length = length
  }

  copyTo(target: Buffer, at: number): void {
    if (this.length === 0) return
    if (this.#chunks.length === 0) this.#little!.copy(target, at, 0, this.length)
    let left = this.length
    for (const chunk of this.#chunks) {
      chunk.copy(target, at + this.length - left, 0, Math.min(left, chunkBytes))
      left -= chunkBytes
    }
  }

  #appendChunks(bytes: Buffer, from: number, to: number): void {
    let filled = this.length
    if (this.#chunks.length === 0 && filled > 0) {
      const chunk = this.#room.takeChunk()
      this.#little!.copy(chunk, 0, 0, filled)
      this.#chunks.push(chunk)
    }
    this.#little = undefined
    for (let at = from; at < to; ) {
      if (filled === this.heldBytes) this.#chunks.push(this.#room.takeChunk())
      const offset = filled % chunkBytes
      const count = Math.min(to - at, chunkBytes - offset)
      bytes.copy(this.#chunks[(filled - offset) / chunkBytes]!, offset, at, at + count)
      filled += count
      at += count
    }
  }
}
