import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Batch, PointColumns } from './batch.ts'
import { prepareSchema, type Receipts, readContents, type StoredCursor, seenIds, seenStatement } from './file.ts'
import { createIntern } from './intern.ts'
import { createLogWriter } from './log-writer.ts'
import type { Fresh } from './novelty.ts'
import { pragmas } from './schema.ts'

/** How long to wait for another partition's writer. */
const lockTimeoutMs = 5000
/** How long a closing file waits for readers. */
const checkpointTimeoutMs = 200

export type FileWriter = ReturnType<typeof openFileWriter>

/** Opens one file of the store for writing, and makes it where there is none. After anything that throws, only close it. */
export function openFileWriter(path: string) {
  closeSync(openSync(path, 'a', 0o600)) // it holds unredacted text; SQLite gives its companions the same mode
  const database = new DatabaseSync(path, { timeout: lockTimeoutMs })
  try {
    database.exec(pragmas)
    prepareSchema(database)
    return writerOf(database)
  } catch (error) {
    database.close()
    throw error
  }
}

function writerOf(database: DatabaseSync) {
  const contents = readContents(database)
  const intern = createIntern(database)
  const writeLogs = createLogWriter(database)
  const writePoints = createPointWriter(database)
  const seen = seenStatement(database)
  const size = database.prepare('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size')
  const addSeen = database.prepare('INSERT INTO seen (record, ids) VALUES (?, ?)')
  const addReceipts = database.prepare(`INSERT INTO receipts (only, oldest, newest) VALUES (1, ?, ?)
    ON CONFLICT DO UPDATE SET oldest = min(oldest, excluded.oldest), newest = max(newest, excluded.newest)`)
  const setCursor = database.prepare(`INSERT INTO cursors (partition, sequence, position, note) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET sequence = excluded.sequence, position = excluded.position, note = excluded.note
    WHERE excluded.sequence > sequence`)

  function writeRows(batch: Batch, fresh: Fresh, receipts: Receipts): void {
    const sources = batch.sources.map(json => intern.source(json))
    writeLogs(batch.logs, fresh.logs, sources)
    const series = batch.series.map(one => intern.series(one, sources[one.source]!))
    writePoints(batch.points, fresh.points, series)
    for (const [record, ids] of fresh.records) addSeen.run(record, ids.join(','))
    addReceipts.run(receipts.oldest, receipts.newest)
  }

  return {
    contents,
    /** As other files count it: without the WAL, whose pages will be part of it. */
    bytes: (): number => Number(size.get()?.bytes),
    seen: (record: string): string[] => seenIds(seen, record),
    /** Rows and cursors in one transaction: all of it is on disk when this returns, or nothing. */
    write(batch: Batch, freshOf: () => Fresh, receipts: Receipts, cursors: ReadonlyMap<number, StoredCursor>): Fresh {
      database.exec('BEGIN IMMEDIATE')
      const fresh = freshOf()
      if (fresh.records.size > 0) writeRows(batch, fresh, receipts)
      for (const [partition, { sequence, offset, note }] of cursors) {
        setCursor.run(partition, sequence, offset, JSON.stringify(note))
      }
      database.exec('COMMIT')
      return fresh
    },
    close(): void {
      try {
        // SQLite empties the WAL at the last close only, and a reader that has the file open cannot.
        database.exec(`PRAGMA busy_timeout = ${checkpointTimeoutMs}; PRAGMA wal_checkpoint(TRUNCATE)`)
      } catch {
        // The rows are safe in the WAL.
      } finally {
        database.close()
      }
    }
  }
}

/** Points lie by series and time: what a chart reads stands together. */
function createPointWriter(database: DatabaseSync) {
  const add = database.prepare('INSERT OR IGNORE INTO points (series, time, n, value, delta) VALUES (?, ?, ?, ?, ?)')
  const last = database.prepare('SELECT max(n) AS n FROM points WHERE series = ? AND time = ?')
  return (points: PointColumns, rows: readonly number[], series: readonly number[]): void => {
    for (const i of rows) {
      const value = finite(points.values[i]!)
      const delta = finite(points.deltas[i]!)
      const number = series[points.series[i]!]!
      const time = points.micros[i]!
      if (add.run(number, time, 0, value, delta).changes === 1) continue
      add.run(number, time, Number(last.get(number, time)?.n) + 1, value, delta)
    }
  }
}

/** NaN and the infinities are no numbers to count with: the point is kept without a value. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
