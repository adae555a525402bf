import { namesText } from '../../src/core/search-text.ts'
import { matcherOf } from '../../src/core/words.ts'
import type { ParsedQuery } from './log-query.ts'
import type { OpenFile } from './reader.ts'
import { appWord, typeWord } from './schema.ts'

/** How many apps a search may name in the full-text index; with more, lines are asked one by one. */
const maxAppWords = 200

/** What a query says of sources, in a file's own numbers. */
export interface SourceFilter {
  /** Words of the index, one of which a block must have; undefined: no such condition. */
  readonly app: readonly string[] | undefined
  readonly type: string | undefined
  /** For each term of the query: the apps (their words) whose app, space or org is named so; undefined if they are too many. */
  readonly named: readonly (readonly string[] | undefined)[]
  /** Whether the source is one that the query asks for. */
  has(source: number): boolean
  /** Whether the source's names have the term. */
  isNamed(source: number, term: number): boolean
}

/** Undefined when the file has no source that the query asks for. */
export function createSourceFilter(
  { database, source: sourceOf }: OpenFile,
  query: ParsedQuery
): SourceFilter | undefined {
  const { app, source: type, terms } = query
  const apps = app === undefined ? undefined : database.prepare('SELECT id FROM apps WHERE ? IN (name, guid)').all(app)
  if (apps?.length === 0) return undefined

  const names = database.prepare('SELECT id, name, space, org FROM apps').all()
  const matchers = terms.map(matcherOf)
  const named = matchers.map(match =>
    names
      .filter(({ name, space, org }) =>
        match(namesText({ app: `${name}`, space: `${space}`, org: `${org}` }).toLowerCase())
      )
      .map(row => appWord(Number(row.id)))
  )

  const asked = new Map<number, boolean>()
  function has(id: number): boolean {
    let answer = asked.get(id)
    if (answer === undefined) {
      const source = sourceOf(id)
      const isApp = app === undefined || source.app === app || source.appId === app
      answer = isApp && (type === undefined || source.type.toLowerCase() === type)
      asked.set(id, answer)
    }
    return answer
  }

  return {
    app: apps && apps.length <= maxAppWords ? apps.map(row => appWord(Number(row.id))) : undefined,
    type: type === undefined ? undefined : typeWord(type),
    named: named.map(words => (words.length <= maxAppWords ? words : undefined)),
    has,
    isNamed: (id, term) => matchers[term]!(namesText(sourceOf(id)).toLowerCase())
  }
}
