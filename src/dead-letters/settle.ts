import { type FileHandle, open, readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { readName } from './files.ts'
import { flagOffset, putBackPrefix, timeLength, waitingPrefix } from './letter.ts'
import { hasWaiting } from './waiting.ts'

/** Where a letter lies, and its time, so that another file of the same name is not taken for its own. */
export interface LetterPlace {
  readonly file: string
  readonly start: number
  readonly at: string
}

const done = putBackPrefix.subarray(flagOffset, flagOffset + 1)

/** Marks letters as put back, and syncs; those that were moved away meanwhile are passed over. */
export async function settle(folder: string, places: readonly LetterPlace[]): Promise<void> {
  for (const [name, ofFile] of Map.groupBy(places, place => place.file)) {
    const file = await openIfThere(join(folder, name))
    if (file === undefined) continue
    try {
      for (const { start, at } of ofFile)
        if (await waits(file, start, at)) await file.write(done, 0, 1, start + flagOffset)
      await file.datasync()
    } finally {
      await file.close()
    }
  }
}

/** Deletes a lane's files in which no letter waits and nothing else lies. Nothing may be appended to them meanwhile. */
export async function sweep(folder: string, lane: string): Promise<number> {
  let deleted = 0
  for (const name of await readdir(folder).catch(() => [])) {
    if (readName(name)?.lane !== lane || (await hasWaiting(join(folder, name)))) continue
    await unlink(join(folder, name))
    deleted++
  }
  return deleted
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r+')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Whether the line at `start` is a letter of that time which is not put back. */
async function waits(file: FileHandle, start: number, at: string): Promise<boolean> {
  const length = waitingPrefix.length + timeLength
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start)
  return bytesRead === length && buffer.equals(Buffer.concat([waitingPrefix, Buffer.from(at)]))
}
