import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { Term } from '../../src/core/words.ts'
import type { ParsedQuery } from './log-query.ts'
import { levelWord } from './schema.ts'
import type { SourceFilter } from './source-filter.ts'

export interface FoundBlock {
  readonly id: number
  /** Time of its newest line, µs. */
  readonly newest: number
}

const range = 'newest >= ? AND oldest <= ? ORDER BY newest DESC'
const allBlocks = `SELECT block, newest FROM spans WHERE ${range}`
const someBlocks = `SELECT block, newest FROM search CROSS JOIN spans ON block = search.rowid WHERE search MATCH ? AND ${range}`

/** The blocks that may have lines of the query, those with the newest lines first. */
export function* findBlocks(database: DatabaseSync, query: ParsedQuery, filter: SourceFilter): Generator<FoundBlock> {
  const to = Math.min(query.to, query.before?.micros ?? query.to)
  const expression = matchExpression(query, filter)
  const rows: Iterable<Record<string, SQLOutputValue>> =
    expression === ''
      ? database.prepare(allBlocks).iterate(query.from, to)
      : database.prepare(someBlocks).iterate(expression, query.from, to)
  for (const row of rows) yield { id: Number(row.block), newest: Number(row.newest) }
}

/** What the full-text index is asked (SQLite's FTS5, section 3); it knows words of blocks, not phrases. */
export function matchExpression({ level, terms }: ParsedQuery, { app, type, named }: SourceFilter): string {
  const conditions: string[] = []
  if (app) conditions.push(app.map(quoted).join(' OR '))
  if (type) conditions.push(quoted(type))
  if (level > 0) conditions.push(quoted(levelWord(level)))
  terms.forEach((term, i) => {
    const apps = named[i]
    if (apps && isIndexed(term)) conditions.push([allWords(term), ...apps.map(quoted)].join(' OR '))
  })
  return conditions.map(condition => `(${condition})`).join(' AND ')
}

const allWords = ({ words, prefix }: Term): string => `(${words.map(quoted).join(' AND ')}${prefix ? ' *' : ''})`

const quoted = (word: string): string => `"${word}"`

/**
 * SQLite's letters and small letters are those of Unicode 6.1: a word of newer ones may be several words to it, which an index
 * without positions refuses. It is asked for words in scripts that both agree on; for others each line is looked at.
 */
const isIndexed = ({ words }: Term): boolean => words.every(word => agreed.test(word))
const agreed =
  /^[0-9a-z\u00df-\u024f\u03ac-\u03ce\u0430-\u045f\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+$/u
