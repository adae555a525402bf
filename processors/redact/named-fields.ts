import type { Detector } from './detector.ts'
import type { FieldNames } from './field-names.ts'

/** A name, the quote after it, what parts it from its value, and the quote that opens that. */
const separator = /\\*(["']?)([ \t\n\r]{0,4})(=>|=(?!=)|:(?!:|\/\/))([ \t\n\r]{0,4})(?:(\\*)(["']))?/y

/** A value without quotes: commas, semicolons and brackets end it where nothing follows. */
const bare = /(?![{[(])(?:[^\s&"'<>\\,;)\]}|]|[,;)\]}|](?![\s,;)\]}|]|$))+/y

export const namedFieldsName = 'fields'

/** What says that there is no value. */
const nothing = new Set(['null', 'undefined', 'None', 'nil'])

/**
 * Values by the names of their fields in text: `name=value`, `name:value`, `"name": "value"`, `'name' => 'value'`, `name: "value"`, as logfmt,
 * query strings, access lines and printed objects have them. After `name: ` only a value in quotes is taken, since prose goes on like that.
 */
export function namedFields(names: FieldNames): Detector {
  const name = new RegExp(`(?:${names.source})(?=\\\\*["']?[ \\t\\n\\r]{0,4}[=:])`, 'g')

  return {
    name: namedFieldsName,
    about: '',
    needles: names.needles,
    redact(text, mask) {
      let safe = ''
      let kept = 0
      name.lastIndex = 0
      while (name.test(text)) {
        const value = valueAt(text, name.lastIndex)
        if (value === undefined) continue
        const { start, end } = value
        name.lastIndex = end
        if (nothing.has(text.slice(start, end))) continue
        safe += text.slice(kept, start) + mask
        kept = end
      }
      return kept === 0 ? text : safe + text.slice(kept)
    }
  }
}

/** Where the value lies whose name ends at `at`; undefined where there is none. */
function valueAt(text: string, at: number): { readonly start: number; readonly end: number } | undefined {
  separator.lastIndex = at
  const match = separator.exec(text)
  if (match === null) return undefined
  const [, nameQuote, before, sign, after, escapes = '', quote] = match
  const start = separator.lastIndex
  if (quote !== undefined) {
    const end = closingQuote(text, start, quote, escapes.length)
    return end > start ? { start, end } : undefined
  }
  const mayBeProse =
    nameQuote === '' && (sign === ':' ? before + after !== '' : sign === '=' && before === '' && after !== '')
  if (mayBeProse) return undefined
  bare.lastIndex = start
  return bare.test(text) ? { start, end: bare.lastIndex } : undefined
}

/** Where the quote that closes begins, with its backslashes, or the end of a text that is cut off. */
function closingQuote(text: string, from: number, quote: string, escapes: number): number {
  for (let at = text.indexOf(quote, from); at >= 0; at = text.indexOf(quote, at + 1)) {
    let first = at
    while (first > from && text[first - 1] === '\\') first--
    const count = at - first
    if (escapes === 0 ? count % 2 === 0 : count <= escapes) return escapes === 0 ? at : first
  }
  return text.length
}
