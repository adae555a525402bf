import type { DatabaseSync } from 'node:sqlite'
import { levels } from '../../src/core/event.ts'
import type { LogColumns } from './batch.ts'
import { encodeBlock, maxBlockLength, maxBlockRows } from './block.ts'
import type { FileSource } from './intern.ts'
import { searchText } from './line.ts'
import { appWord, levelWord, typeWord } from './schema.ts'

const severe = levels.indexOf('error')

/** Writes logs as blocks, with their words; to be called within a transaction. `sources` are those of the batch. */
export function createLogWriter(database: DatabaseSync) {
  const addBlock = database.prepare('INSERT INTO blocks (data) VALUES (?)')
  const addSpan = database.prepare('INSERT INTO spans (block, oldest, newest) VALUES (?, ?, ?)')
  const addWords = database.prepare('INSERT INTO search (rowid, text) VALUES (?, ?)')

  function writeBlock(logs: LogColumns, rows: readonly number[], sources: readonly FileSource[]): void {
    const micros = rows.map(i => logs.micros[i]!)
    const blockLevels = rows.map(i => logs.levels[i]!)
    const blockSources = rows.map(i => sources[logs.sources[i]!]!)
    const lines = rows.map(i => logs.lines[i]!)
    const data = encodeBlock({
      micros,
      ties: rows.map(i => logs.ties[i]!),
      levels: blockLevels,
      sources: blockSources.map(source => source.id),
      lines
    })
    const block = addBlock.run(data).lastInsertRowid
    addSpan.run(block, Math.min(...micros), Math.max(...micros))
    const words = new Set(blockSources.flatMap(({ app, type }) => [appWord(app), typeWord(type)]))
    for (let level = Math.max(...blockLevels); level >= 0; level--) words.add(levelWord(level))
    addWords.run(block, `${lines.map(searchText).join('\n')}\n${[...words].join(' ')}`)
  }

  /** Alike lines side by side: errors apart, then by app, so that a search for these finds few blocks; and they compress better. */
  function order(logs: LogColumns, rows: number[], sources: readonly FileSource[]): number[] {
    const rank = (i: number): number => {
      const source = sources[logs.sources[i]!]!
      return (logs.levels[i]! >= severe ? 0 : 2 ** 40) + source.app
    }
    const ranks = new Map(rows.map(i => [i, rank(i)]))
    return rows.sort((a, b) => ranks.get(a)! - ranks.get(b)! || logs.micros[a]! - logs.micros[b]! || a - b)
  }

  return (logs: LogColumns, rows: number[], sources: readonly FileSource[]): void => {
    let block: number[] = []
    let length = 0
    for (const i of order(logs, rows, sources)) {
      const next = logs.lines[i]!.length
      if (block.length > 0 && (block.length === maxBlockRows || length + next > maxBlockLength)) {
        writeBlock(logs, block, sources)
        block = []
        length = 0
      }
      block.push(i)
      length += next
    }
    if (block.length > 0) writeBlock(logs, block, sources)
  }
}
