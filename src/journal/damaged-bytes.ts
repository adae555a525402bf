import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../core/errors.ts'
import { makeDirectory } from './durable.ts'

/** Of one stretch so much is kept, from its beginning. */
export const maxCopyBytes = 2 ** 20
/** Copies that are kept: 64 MiB at most. */
export const maxCopies = 64

/** A stretch of the journal in which no good record was found. */
export interface DamagedStretch {
  readonly partition: number
  readonly position: number
  readonly bytes: number
  /** File with a copy of what is there. */
  readonly copy?: string
  /** Why there is none. */
  readonly problem?: string
}

export const damagedDirectory = (dir: string): string => join(dir, 'damaged')

const copyName = (partition: number, position: number): string =>
  `${partition}.${position.toString().padStart(16, '0')}.bytes`

/**
 * Keeps copies of what was found instead of records, for people: the journal itself frees the segment once all lanes are past it. A
 * copy that is there already stays as it is. Never throws: whatever happens to a copy holds up nothing.
 */
export function createDamagedBytes(dir: string) {
  const directory = damagedDirectory(dir)

  return async (
    partition: number,
    position: number,
    bytes: Buffer
  ): Promise<{ copy: string } | { problem: string }> => {
    const name = copyName(partition, position)
    const copy = join(directory, name)
    try {
      await makeDirectory(directory)
      const names = await readdir(directory)
      if (names.includes(name)) return { copy }
      if (bytes.length === 0) return { problem: 'the file ends before' }
      if (names.length >= maxCopies) return { problem: `there are ${maxCopies} copies already` }
      const file = await open(copy, 'wx', 0o600)
      try {
        await file.writeFile(bytes.subarray(0, maxCopyBytes))
      } finally {
        await file.close()
      }
      return { copy }
    } catch (error) {
      return { problem: messageOf(error) }
    }
  }
}
