import type { DeadLetter, DeadLetterReason } from '../core/dead-letter.ts'
import { wordsOf } from '../core/words.ts'

/** So many groups are told apart; letters of others are counted with the last one. */
const maxGroups = 200
const maxReasonLength = 1000
const maxWords = 12

/** Quotations may be cut off at the end; the apostrophe of `field's value` begins none. */
const details = /(?<![\p{L}\p{N}])(?:'.*?(?:'(?![\p{L}\p{N}])|$)|".*?(?:"(?![\p{L}\p{N}])|$))|\[[^\]]*\]|\d+/gsu

/** What is left of a reason without numbers, quotations and what stands in brackets: equal where the trouble is the same. */
export const kindOf = (reason: string): string => reason.replace(details, '…').slice(0, maxReasonLength)

/** Words of the reason that are the same in all of its kind: a search that finds them. */
const searchOf = (reason: string): string => [...new Set(wordsOf(kindOf(reason)))].slice(0, maxWords).join(' ')

/** Counts letters by lane and reason; they come newest first. */
export function createReasonCount() {
  const groups = new Map<string, { -readonly [K in keyof DeadLetterReason]: DeadLetterReason[K] }>()
  const others = { lane: '', reason: 'other reasons', q: '', letters: 0, newest: '', oldest: '' }
  return {
    add({ lane, reason, at }: Pick<DeadLetter, 'lane' | 'reason' | 'at'>): void {
      const key = `${lane}\n${kindOf(reason)}`
      let group = groups.get(key)
      if (group === undefined && groups.size >= maxGroups) group = others
      if (group === undefined) {
        group = {
          lane,
          reason: reason.slice(0, maxReasonLength),
          q: searchOf(reason),
          letters: 0,
          newest: at,
          oldest: at
        }
        groups.set(key, group)
      }
      group.letters++
      group.oldest = at
      group.newest ||= at
    },
    /** The most frequent first. */
    groups: (): DeadLetterReason[] =>
      [...groups.values(), ...(others.letters > 0 ? [others] : [])].sort((a, b) => b.letters - a.letters)
  }
}
