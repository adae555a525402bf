import { unlink } from 'node:fs/promises'

/** A stop waits so long at most for files that are still there; they are found again at the next start. */
const stopMs = 1000

/** Removes files in the background, one after the other; one that cannot be removed is there again at the next start. */
export function createRemoval() {
  const paths: string[] = []
  let running: Promise<void> | undefined
  let until = Number.POSITIVE_INFINITY

  async function run(): Promise<void> {
    for (let path = paths.shift(); path !== undefined && performance.now() < until; path = paths.shift())
      await unlink(path).catch(() => undefined)
    running = undefined
  }

  return {
    remove(path: string): void {
      paths.push(path)
      running ??= run()
    },
    async stop(): Promise<void> {
      until = performance.now() + stopMs
      await running
    }
  }
}
