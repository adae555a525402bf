import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DeadLetterCount } from '../core/dead-letter.ts'
import { folderOf, listFiles } from './files.ts'
import { countWaiting } from './waiting.ts'

interface Known {
  readonly inode: number
  /** Counted so far: the beginning of a line. */
  readonly end: number
  readonly waiting: number
}

/** Counts what lies there, and of what was counted before only what came since. */
export function createDeadLetterCounts(dir: string) {
  let known = new Map<string, Known>()
  let counts: readonly Omit<DeadLetterCount, 'putBack'>[] = []
  let counting: Promise<void> | undefined
  let countedOnce = false

  async function recount(): Promise<void> {
    const before = known
    const now = new Map<string, Known>()
    const lanes = new Map<string, { lane: string; letters: number; files: number; bytes: number }>()
    for (const { name, lane, bytes } of await listFiles(dir)) {
      const path = join(folderOf(dir), name)
      try {
        const { ino: inode } = await stat(path)
        const old = before.get(name)
        const { end, waiting } = old?.inode === inode && old.end <= bytes ? old : { end: 0, waiting: 0 }
        const more = end === bytes ? { end, waiting: 0 } : await countWaiting(path, end)
        now.set(name, { inode, end: more.end, waiting: waiting + more.waiting })
        const count = lanes.get(lane) ?? { lane, letters: 0, files: 0, bytes: 0 }
        count.letters += waiting + more.waiting
        count.files++
        count.bytes += bytes
        lanes.set(lane, count)
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error // moved away
      }
    }
    if (known === before) known = now
    counts = [...lanes.values()]
    countedOnce = true
  }

  return {
    /**
     * As they are now. None while the first count goes on (1 GiB takes seconds); as they were where they cannot be read: the status is asked for
     * most when a disk fails.
     */
    async counts(): Promise<readonly Omit<DeadLetterCount, 'putBack'>[]> {
      counting ??= recount()
        .catch(() => undefined)
        .finally(() => {
          counting = undefined
        })
      if (countedOnce) await counting
      return counts
    },
    /** Letters were put back: everything is counted anew. */
    forget(): void {
      known = new Map()
    }
  }
}
export type DeadLetterCounts = ReturnType<typeof createDeadLetterCounts>
