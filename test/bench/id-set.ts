/**
 * Counts distinct event ids of 32 characters, cheaply: a hash of 64 bits of each is kept and sorted at the end. Two ids in ten million share
 * one with a probability of 1 to 370,000.
 */
export function createIdSet() {
  let hashes = new Uint32Array(2 ** 16)
  let count = 0
  return {
    add(bytes: Uint8Array, at: number): void {
      let a = 0x811c9dc5
      let b = 0x9747b28c
      for (let i = at; i < at + 32; i += 4) {
        const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
        a = Math.imul(a ^ word, 0x85ebca6b)
        a ^= a >>> 13
        b = Math.imul(b + word, 0xc2b2ae35)
        b ^= b >>> 15
      }
      if (count * 2 === hashes.length) {
        const grown = new Uint32Array(hashes.length * 2)
        grown.set(hashes)
        hashes = grown
      }
      hashes[count * 2] = a
      hashes[count * 2 + 1] = b
      count++
    },
    distinct(): number {
      const sorted = new BigUint64Array(hashes.buffer, 0, count).slice().sort()
      let distinct = count > 0 ? 1 : 0
      for (let i = 1; i < count; i++) if (sorted[i] !== sorted[i - 1]) distinct++
      return distinct
    }
  }
}
