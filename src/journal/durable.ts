import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/**
 * Makes a file that is there whole or not at all, also after a crash of the machine: written under another name, synced, renamed, and
 * the directory synced. Only its owner may read it. Returns the file open for reading and writing.
 */
export async function createDurably(directory: string, name: string, content: Uint8Array): Promise<FileHandle> {
  const temporary = join(directory, name + temporarySuffix)
  const handle = await open(temporary, 'w+', 0o600)
  try {
    await handle.writeFile(content)
    await handle.datasync()
    await rename(temporary, join(directory, name))
    await syncDirectory(directory)
    return handle
  } catch (error) {
    await handle.close()
    await rm(temporary, { force: true })
    throw error
  }
}

export const temporarySuffix = '.new'

/**
 * Makes a directory that only its owner may enter, and what is missing above it. One after the other: where nothing can be made, as in /proc,
 * mkdir's own `recursive` goes round for ever.
 */
export async function makeDirectory(path: string): Promise<void> {
  if (await isDirectory(path)) return
  const above = dirname(path)
  if (above !== path) await makeDirectory(above)
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    if (await isDirectory(path)) return // somebody else was quicker
    throw error
  }
  await syncDirectory(above)
}

const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    found => found.isDirectory(),
    () => false
  )

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
