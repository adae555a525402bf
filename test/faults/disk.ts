import { spawnSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { findCommand } from '../services/command.ts'

/** Set in a process that runs in mount points of its own. */
const marker = 'CULVERT_FAULTS_MOUNTS'
const blockBytes = 2 ** 16

/**
 * Goes on as a program that has mount points of its own, where the system allows it: what is mounted there is seen by nobody else, and gone with the
 * last process, however it ends.
 */
export function withOwnMounts(): void {
  const unshare = findCommand('unshare')
  if (process.env[marker] !== undefined || unshare === undefined) return
  const options = process.getuid?.() === 0 ? ['--mount'] : ['--mount', '--user', '--map-root-user']
  if (spawnSync(unshare, [...options, 'true'], { stdio: 'ignore' }).status !== 0) return
  const program = [...options, process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  process.execve?.(unshare, [unshare, ...program], { ...process.env, [marker]: '1' })
}

/** Makes `dir` a disk of so many bytes, and answers how to undo it; undefined where that is not allowed. */
export function mountDisk(dir: string, bytes: number): (() => Promise<void>) | undefined {
  if (process.env[marker] === undefined) return undefined
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', dir], { stdio: 'ignore' })
  return status === 0 ? async () => void spawnSync('umount', ['--lazy', dir], { stdio: 'ignore' }) : undefined
}

/** Takes all that is free on the disk of `dir`, until the answer is called. */
export function fillDisk(dir: string): () => void {
  const path = join(dir, 'filler')
  const file = openSync(path, 'w')
  try {
    for (const block = Buffer.alloc(blockBytes); ; ) if (writeSync(file, block) < block.length) break
  } catch {
    // no space left on device: that is what was wanted
  }
  closeSync(file)
  return () => rmSync(path, { force: true })
}
