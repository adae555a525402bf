import type { Needle } from './detector.ts'

/** Of a name in the options; a longer one could not be looked for around a needle. */
export const maxNameLength = 64

/** A name as one may give it: words with or without separators or humps; with a star before it whatever ends so. */
export const fieldName = /^\*?[A-Za-z][A-Za-z0-9_.-]*$/

export interface FieldNames {
  /** Source of an expression that matches any of the names where it ends; no groups. */
  readonly source: string
  /** Whether it is one of the names. */
  has(key: string): boolean
  readonly needles: readonly Needle[]
}

/**
 * Names of fields in the spellings that people give them: `client_secret` is clientSecret, ClientSecret, client-secret and CLIENT_SECRET too. A
 * name is found where it stands alone or after a dot; one with a star (`*password`) wherever a name ends so.
 */
export function createFieldNames(names: readonly string[]): FieldNames {
  const anywhere = names.filter(name => name.startsWith('*')).map(name => spellings(wordsOf(name)))
  const alone = names.filter(name => !name.startsWith('*')).map(name => spellings(wordsOf(name)))
  const source = [
    ...(anywhere.length > 0 ? [`(?:${anywhere.join('|')})`] : []),
    ...(alone.length > 0 ? [`(?<![A-Za-z0-9_-])(?:${alone.join('|')})`] : [])
  ].join('|')
  const whole = new RegExp(`(?:${source})$`)
  const near = new RegExp(`(?:${source})(?:\\\\[tnr]|[\\\\"'\\s])*(?:[=:]|$)`)

  const needles = names.flatMap(name => needlesOf(wordsOf(name)))
  const within = new Set(needles.filter(({ isLast }) => !isLast).map(({ text }) => text))

  /** Looks at a window around the needle: what it cuts off counts as there. */
  const isNear = (bytes: Buffer, start: number, at: number, end: number): boolean =>
    near.test(bytes.toString('latin1', Math.max(start, at - maxNameLength), Math.min(end, at + 2 * maxNameLength)))

  return {
    source,
    has: key => whole.test(key),
    needles: Array.from(new Set(needles.map(({ text }) => text)), text => ({
      text,
      mayBe: within.has(text)
        ? isNear
        : (bytes, start, at, end) => {
            const after = at + text.length
            return (after === end || follows[bytes[after]!] === 1) && isNear(bytes, start, at, end)
          }
    }))
  }
}

/** What may follow a name's last word. */
const follows = new Uint8Array(256)
for (const byte of Buffer.from('\\"\'= \t\n\r:')) follows[byte] = 1

/** `clientSecret`, `client_secret`, `CLIENT.SECRET` → client, secret. */
const wordsOf = (name: string): string[] =>
  name
    .replace('*', '')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[_.-]+/)
    .filter(word => word !== '')

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

const spellings = (words: readonly string[]): string =>
  words.map(word => `(?:${[...new Set([word, capital(word), word.toUpperCase()])].join('|')})`).join('[_.-]?')

/** Letters of log lines, rarest first: the search for a needle stops at each place of its first letter. */
const byRarity = 'jzqywkvxhuglfbmpnsiocrdtae'

/** What is in every spelling of the words: the end of one of them from its rarest letter on, of two letters at least. */
function needlesOf(words: readonly string[]): { text: string; isLast: boolean }[] {
  const ends = words.flatMap((word, place) =>
    Array.from({ length: Math.max(1, word.length - 1) }, (_, from) => ({
      word,
      from,
      isLast: place === words.length - 1
    }))
  )
  const rank = ({ word, from }: { word: string; from: number }): number => byRarity.indexOf(word.charAt(from))
  const { word, from, isLast } = ends.reduce((best, end) => (rank(end) < rank(best) ? end : best))
  const texts =
    from === 0 ? [word, capital(word), word.toUpperCase()] : [word.slice(from), word.slice(from).toUpperCase()]
  return texts.map(text => ({ text, isLast }))
}
