import { CulvertError } from './errors.ts'

const maxQueryLength = 2000
export const maxTerms = 50

/** What one word or phrase of a search asks for: these words, one right after the other; the last may go on. */
export interface Term {
  readonly words: readonly [string, ...string[]]
  readonly prefix: boolean
}

/** A letter or digit, as the local store's full-text index sees it: categories L* and N*, and the accents that SQLite joins. */
const letters = '\\p{L}\\p{N}\\u0300-\\u036f'
const words = new RegExp(`[${letters}]+`, 'gu')
/** A phrase in double quotes, the last one perhaps still open, or what stands between white space. */
const parts = /"([^"]*)"?(\*?)|[^\s"]+/g

/**
 * What people type in a search box, for searches and the live tail alike. Any text means something: words are letters and digits, everything else parts them, so that
 * `10.0.0.1` is a phrase of four. `word*` finds what begins so.
 */
export function readTerms(query: string): Term[] {
  const terms: Term[] = []
  for (const [part, quoted, star] of query.matchAll(parts)) {
    const [first, ...rest] = wordsOf(quoted ?? part)
    if (first !== undefined)
      terms.push({ words: [first, ...rest], prefix: star === '*' || (quoted === undefined && part.endsWith('*')) })
  }
  return terms
}

/** The same; throws QUERY_INVALID for what is too long. */
export function parseTerms(query: string): Term[] {
  if (query.length > maxQueryLength)
    throw new CulvertError('QUERY_INVALID', `q is longer than ${maxQueryLength} characters.`)
  const terms = readTerms(query)
  if (terms.length > maxTerms) throw new CulvertError('QUERY_INVALID', `q has more than ${maxTerms} words.`)
  return terms
}

/** The words of a text, in small letters. */
export const wordsOf = (text: string): string[] => text.toLowerCase().match(words) ?? []

/**
 * Whether a text in small letters has the term. Looks for the longest word, which is fast, and at each place where it stands for
 * the rest.
 */
export function matcherOf({ words, prefix }: Term): (text: string) => boolean {
  const anchor = words.reduce((longest, word) => (word.length > longest.length ? word : longest))
  const position = words.indexOf(anchor)
  const before = words.slice(0, position).map(word => `${word}[^${letters}]+`)
  const after = words.slice(position + 1).map(word => `[^${letters}]+${word}`)
  const here = new RegExp(
    `(?<=(?<![${letters}])${before.join('')})${anchor}${after.join('')}${prefix ? '' : `(?![${letters}])`}`,
    'uy'
  )
  return text => {
    for (let at = text.indexOf(anchor); at >= 0; at = text.indexOf(anchor, at + 1)) {
      here.lastIndex = at
      if (here.test(text)) return true
    }
    return false
  }
}

/** Where the terms stand in a text of any case, for showing it; undefined where there are none. */
export function patternOf(terms: readonly Term[]): RegExp | undefined {
  if (terms.length === 0) return undefined
  const places = terms.map(
    ({ words, prefix }) =>
      `(?<![${letters}])${words.join(`[^${letters}]+`)}${prefix ? `[${letters}]*` : `(?![${letters}])`}`
  )
  return new RegExp(places.join('|'), 'giu')
}
