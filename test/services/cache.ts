import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { withLock } from './lock.ts'
import { withProgress } from './progress.ts'

/** Where servers are kept once they are made: outside the tree, so that a fresh checkout finds them. */
export function cacheFolder(): string {
  const { CULVERT_TEST_CACHE, XDG_CACHE_HOME } = process.env
  return CULVERT_TEST_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'culvert-test-services')
}

/**
 * The folder `name` of the cache, which `install` fills the first time. The folder appears under its name when it is complete, never
 * before. `work` is a scratch folder that survives a failed or interrupted install, so that the next one need not begin anew.
 */
export async function cached(name: string, install: (folder: string, work: string) => Promise<void>): Promise<string> {
  const path = join(cacheFolder(), name)
  if (existsSync(path)) return path
  await mkdir(cacheFolder(), { recursive: true })
  return withLock(`${path}.lock`, async () => {
    if (existsSync(path)) return path
    const partial = `${path}.partial`
    const work = `${path}.work`
    await rm(partial, { recursive: true, force: true })
    await mkdir(partial, { recursive: true })
    await mkdir(work, { recursive: true })
    await withProgress(`installing ${name} into ${cacheFolder()}`, () => install(partial, work))
    await rename(partial, path)
    await rm(work, { recursive: true, force: true })
    return path
  })
}
