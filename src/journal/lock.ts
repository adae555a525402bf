import { accessSync, chmodSync, constants } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CulvertError, messageOf } from '../core/errors.ts'

const sqliteBusy = 5

export interface DirectoryLock {
  /** Safe to call twice. */
  release(): void
}

/**
 * Makes a data directory this process's own until `release`, or until the process ends in whatever way: the lock is the operating
 * system's, by way of SQLite (docs/decisions/006-lock-of-the-data-directory.md). Throws DATA_DIR_IN_USE, DATA_DIR_UNUSABLE.
 */
export function lockDirectory(dir: string): DirectoryLock {
  const path = join(dir, 'lock')
  let database: DatabaseSync | undefined
  try {
    accessSync(dir, constants.W_OK | constants.X_OK)
    database = new DatabaseSync(path, { timeout: 0 })
    chmodSync(path, 0o600)
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE') // on a full disk too: no file is made
  } catch (error) {
    if (database?.isOpen) database.close()
    throw isBusy(error)
      ? new CulvertError('DATA_DIR_IN_USE', `Another process uses the data directory ${dir}.`, { cause: error })
      : unusable(dir, error)
  }
  const locked = database
  return {
    release() {
      if (locked.isOpen) locked.close()
    }
  }
}

export const unusable = (dir: string, cause: unknown): CulvertError =>
  new CulvertError('DATA_DIR_UNUSABLE', `The data directory ${dir} cannot be used: ${messageOf(cause)}.`, { cause })

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === sqliteBusy
