import { readFileSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { say } from './progress.ts'

const POLL_MS = 200
const SQLITE_BUSY = 5

/**
 * Does `work` while nobody else, in this process or another, holds the lock at `path`.
 *
 * The lock is SQLite's exclusive lock on an empty database: the operating system lets go of it when its holder dies, however it dies.
 * So there is no stale lock to recognise and to break, and no moment between recognising and breaking. `path`.holder names the holder
 * for those who wait, and decides nothing.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    let told = false
    while (!locks(database)) {
      if (!told) say(`waits for ${path}, held by process ${holder(path)}`)
      told = true
      await delay(POLL_MS)
    }
    writeFileSync(`${path}.holder`, String(process.pid))
    return await work()
  } finally {
    database.close()
  }
}

function locks(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === SQLITE_BUSY) return false
    throw error
  }
}

function holder(path: string): string {
  try {
    return readFileSync(`${path}.holder`, 'utf8')
  } catch {
    return 'unknown'
  }
}
