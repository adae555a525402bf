import { CulvertError } from '../../src/core/errors.ts'
import type { LogRow, PlainSource } from '../../src/core/plain.ts'
import type { LogPage } from '../../src/core/search.ts'
import { matcherOf } from '../../src/core/words.ts'
import { type DecodedBlock, decodeBlock } from './block.ts'
import { findBlocks } from './find-blocks.ts'
import { readLine, searchText } from './line.ts'
import type { ParsedQuery } from './log-query.ts'
import { compareMoments, type Moment, writeCursor } from './page-cursor.ts'
import type { OpenFile, Reader } from './reader.ts'
import { createSourceFilter, type SourceFilter } from './source-filter.ts'

interface Found extends Moment {
  readonly row: LogRow
}

/** One page of lines, newest first, from all files. Throws QUERY_DEADLINE when it takes longer than until `deadline`. */
export function searchLogs(reader: Reader, query: ParsedQuery, deadline: number): LogPage {
  const page = createPage(query.limit + 1)
  const matchers = query.terms.map(matcherOf)

  function searchFile(file: OpenFile): true {
    const filter = createSourceFilter(file, query)
    if (filter === undefined) return true
    const read = file.database.prepare('SELECT data FROM blocks WHERE id = ?')
    for (const { id, newest } of findBlocks(file.database, query, filter)) {
      if (newest < page.oldest) break
      if (performance.now() > deadline) throw new CulvertError('QUERY_DEADLINE', 'The search took too long.')
      const data = read.get(id)?.data
      if (data instanceof Uint8Array) searchBlock(file, decodeBlock(data), filter)
    }
    return true
  }

  function searchBlock(file: OpenFile, block: DecodedBlock, filter: SourceFilter): void {
    const { micros, ties, sources } = block
    const rows = rowsWithin(block, filter)
    if (rows.length === 0) return
    const lines = block.text.split('\n')
    for (const i of rows) {
      const source = sources[i]!
      const line = lines[i]!
      const text = matchers.length > 0 ? searchText(line).toLowerCase() : ''
      if (!matchers.every((match, term) => match(text) || filter.isNamed(source, term))) continue
      const found = foundAt(micros[i]!, ties[i]!, line, file.source(source))
      if (query.before === undefined || compareMoments(query.before, found) < 0) page.add(found)
    }
  }

  /** Newest first: then most of the others need no place in the page. */
  function rowsWithin({ micros, levels, sources }: DecodedBlock, filter: SourceFilter): number[] {
    const rows: number[] = []
    const to = query.before?.micros ?? query.to
    for (let i = micros.length - 1; i >= 0; i--) {
      const time = micros[i]!
      if (time < query.from || time > query.to || time > to || time < page.oldest || levels[i]! < query.level) continue
      if (filter.has(sources[i]!)) rows.push(i)
    }
    return rows
  }

  reader.each(searchFile)
  return page.finish(query.limit)
}

/** Most lines that a page considers are passed by newer ones: they are parsed when somebody asks. */
function foundAt(micros: number, tie: number, line: string, source: PlainSource): Found {
  let parsed: LogRow | undefined
  const row = (): LogRow => (parsed ??= readLine(line, source))
  return {
    micros,
    tie,
    get id() {
      return row().id
    },
    get row() {
      return row()
    }
  }
}

/** The newest of what is added, at most `size`. */
function createPage(size: number) {
  const found: Found[] = []
  return {
    /** Nothing older than this can still be part of the page. */
    get oldest(): number {
      return found.length < size ? Number.NEGATIVE_INFINITY : found[size - 1]!.micros
    },
    add(one: Found): void {
      let at = found.length
      while (at > 0 && compareMoments(one, found[at - 1]!) < 0) at--
      found.splice(at, 0, one)
      if (found.length > size) found.pop()
    },
    finish(limit: number): LogPage {
      const logs = found.slice(0, limit)
      const last = logs.at(-1)
      const page = { logs: logs.map(({ row }) => row) }
      return found.length > limit && last ? { ...page, next: writeCursor(last) } : page
    }
  }
}
