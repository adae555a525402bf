import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

const run = (command: string, ...args: string[]): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0

function mount(bytes: number): string | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'culvert-disk-'))
  if (run('mount', '-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', dir)) return dir
  rmdirSync(dir)
  return undefined
}

function unmount(dir: string): void {
  run('umount', '--lazy', dir)
  rmdirSync(dir)
}

function maySmallDisks(): boolean {
  const dir = mount(2 ** 16)
  if (dir !== undefined) unmount(dir)
  return dir !== undefined
}

/** Whether a disk of a given size can be mounted: it takes root, and a container that allows it. */
export const smallDisks = process.platform === 'linux' && maySmallDisks()
/** For the name of a test that is skipped. */
export const needsSmallDisks = smallDisks ? '' : ' (skipped: no right to mount a small disk)'

/** A disk of so many bytes; gone when the test is over. */
export function openSmallDisk(bytes: number): string {
  const dir = mount(bytes)
  if (dir === undefined) throw new Error('a small disk cannot be mounted')
  onTestFinished(() => unmount(dir))
  return dir
}

/** Takes all that is free on the disk of `dir` but `spare` bytes, until the answer is called. */
export function fillDisk(dir: string, spare = 0): () => void {
  const [path, room] = [join(dir, 'filler'), join(dir, 'spare')]
  const fill = (name: string, most: number, block: Buffer): void => {
    const file = openSync(name, 'w')
    try {
      for (let bytes = 0; bytes < most; bytes += block.length) if (writeSync(file, block) < block.length) break
    } catch {
      // no space left on device: that is what was wanted
    }
    closeSync(file)
  }
  fill(room, spare, Buffer.alloc(4096))
  fill(path, Number.POSITIVE_INFINITY, Buffer.alloc(4096))
  rmSync(room)
  return () => rmSync(path, { force: true })
}
