import type { JournalReader } from './core/contract.ts'

/**
 * How long the oldest record that a lane has not committed has waited since its receipt. It is looked up in the journal, so that it
 * is known also of a lane that never read: whoever asks again gets it.
 */
export function createLag(journal: Pick<JournalReader, 'bounds' | 'receivedAt'>, partition: number) {
  let oldest: { readonly offset: number; readonly receivedAt: number } | undefined
  let looking = false

  async function look(offset: number): Promise<void> {
    looking = true
    // A journal that cannot be read says so to the lane itself.
    const receivedAt = await journal.receivedAt(partition, offset).catch(() => undefined)
    looking = false
    if (receivedAt !== undefined) oldest = { offset, receivedAt }
  }

  return {
    /** For a lane that has committed up to `offset`; 0 when nothing waits. */
    seconds(offset: number): number {
      const { end, time } = journal.bounds(partition)
      if (offset >= end) {
        oldest = undefined
        return 0
      }
      if (oldest?.offset !== offset && !looking) void look(offset)
      // Receipt times may be ahead of a wall clock that was set back.
      return oldest === undefined ? 0 : Math.max(0, Math.max(Date.now(), time) - oldest.receivedAt) / 1000
    }
  }
}
