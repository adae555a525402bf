import type { DeadLetter, DeadLetterFilter } from '../core/dead-letter.ts'
import { namesText, withoutEscapes } from '../core/search-text.ts'
import { matcherOf, parseTerms } from '../core/words.ts'
import { eventOf, textOf } from './letter.ts'

/**
 * Whether a letter has the words and is of the app; lane and time are seen without reading the letter (walk.ts). Throws QUERY_INVALID for what
 * is too long.
 */
export function createFilter({ q, app }: DeadLetterFilter): ((letter: DeadLetter) => boolean) | undefined {
  if (q === undefined && app === undefined) return undefined
  const terms = parseTerms(q ?? '').map(matcherOf)
  return letter => {
    const event = eventOf(letter)
    const { source } = event ?? {}
    if (app !== undefined && app !== source?.app && app !== source?.appId) return false
    if (terms.length === 0) return true
    const names = namesText({ app: source?.app ?? '', space: source?.space ?? '', org: source?.org ?? '' })
    const json = event?.app === undefined ? '' : withoutEscapes(JSON.stringify(event.app))
    const text = [letter.reason, textOf(letter, event), json, names].join('\t').toLowerCase()
    return terms.every(matches => matches(text))
  }
}
