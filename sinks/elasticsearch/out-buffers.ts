/** Enough for a usual batch: 1.5 MB of log make about 2.2 MB of documents. */
const usualBytes = 2_600_000
/** What a batch of hostile lines needed is not kept. */
const maxKeptBytes = 8 * 2 ** 20
/** One is written while others are on their way. */
const maxKept = 3

/** Buffers that are used again: fresh memory costs the kernel a page fault every 4 KiB, more than the encoder takes to fill it. */
export function createOutBuffers() {
  const free: Buffer[] = []
  return {
    take: (): Buffer => free.pop() ?? Buffer.allocUnsafeSlow(usualBytes),
    /** Nobody reads `bytes`, or a part of it, any more. */
    give(bytes: Buffer): void {
      const whole = Buffer.from(bytes.buffer)
      if (free.length < maxKept && whole.length <= maxKeptBytes) free.push(whole)
    }
  }
}
