import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { withLock } from './lock.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'culvert-lock-'))
  path = join(folder, 'lock')
})
afterEach(() => rmSync(folder, { recursive: true }))

test('only one at a time holds the lock', async () => {
  let inside = 0
  const seen: number[] = []
  const work = async () => {
    seen.push(++inside)
    await new Promise(setImmediate)
    inside--
  }
  await Promise.all([withLock(path, work), withLock(path, work), withLock(path, work)])
  expect(seen).toEqual([1, 1, 1])
})

test('the lock is free after work that threw', async () => {
  const failing = withLock(path, () => Promise.reject(new Error('no')))
  await expect(failing).rejects.toThrow('no')
  expect(await withLock(path, async () => 'mine')).toBe('mine')
})

test('a lock held by another process is waited for, and free when that process is killed', async () => {
  const script = `
    import { withLock } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))}
    await withLock(${JSON.stringify(path)}, () => new Promise(resolve => { console.log('held'); setTimeout(resolve, 60_000) }))`
  const other = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(other.stdout, 'data')
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  let killed = false
  const mine = withLock(path, async () => killed)
  await vi.waitFor(() =>
    expect(said).toHaveBeenCalledWith(`[services] waits for ${path}, held by process ${other.pid}\n`)
  )
  said.mockRestore()
  killed = true
  other.kill('SIGKILL')
  expect(await mine).toBe(true)
})
