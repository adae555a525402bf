import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Cursor } from '../../src/core/contract.ts'
import { schema, schemaVersion } from './schema.ts'

/** The receipt times of what a file holds, ms. */
export interface Receipts {
  readonly oldest: number
  readonly newest: number
}

export interface StoredCursor extends Cursor {
  /** The newest one of a partition has the highest number. */
  readonly sequence: number
}

/** What a file says of itself, read without writing to it. */
export interface Contents {
  readonly cursors: ReadonlyMap<number, StoredCursor>
  /** Undefined while it is empty. */
  readonly receipts: Receipts | undefined
}

export const versionOf = (database: DatabaseSync): number =>
  Number(database.prepare('PRAGMA user_version').get()?.user_version)

/** Makes the tables where there are none yet: another thread may do the same at the same time. */
export function prepareSchema(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    if (versionOf(database) === 0) database.exec(`${schema}; PRAGMA user_version = ${schemaVersion}`)
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

/** Undefined for a file of another version. */
export function readContents(database: DatabaseSync): Contents | undefined {
  if (versionOf(database) !== schemaVersion) return undefined
  const cursors = new Map<number, StoredCursor>()
  for (const row of database.prepare('SELECT partition, sequence, position, note FROM cursors').all()) {
    cursors.set(Number(row.partition), {
      sequence: Number(row.sequence),
      offset: Number(row.position),
      note: JSON.parse(String(row.note))
    })
  }
  const row = database.prepare('SELECT oldest, newest FROM receipts').get()
  return { cursors, receipts: row && { oldest: Number(row.oldest), newest: Number(row.newest) } }
}

/** What `seen` of a file has of a record: the ends of its events' ids. */
export const seenStatement = (database: DatabaseSync): StatementSync =>
  database.prepare('SELECT ids FROM seen WHERE record = ?')

export function seenIds(statement: StatementSync, record: string): string[] {
  return statement.all(record).flatMap(row => String(row.ids).split(','))
}

/** SQLITE_CORRUPT, SQLITE_NOTADB, and SQLITE_CONSTRAINT: what the store writes cannot break a rule in a sound file. */
const damageCodes = [11, 26, 19]

export const isDamage = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && damageCodes.includes(Number(error.errcode) & 0xff)
