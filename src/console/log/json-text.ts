export interface JsonToken {
  readonly text: string
  readonly kind: 'key' | 'string' | 'number' | 'word' | 'plain'
}

const maxShownChars = 200_000
const token = /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/g

/** A value as indented JSON, cut into pieces that a view may colour. What is too long for a screen is cut, and says so. */
export function jsonTokens(value: unknown): JsonToken[] {
  const text = JSON.stringify(value, undefined, 2) ?? ''
  const shown = text.length > maxShownChars ? text.slice(0, maxShownChars) : text
  const tokens: JsonToken[] = []
  let at = 0
  for (const match of shown.matchAll(token)) {
    if (match.index > at) tokens.push({ text: shown.slice(at, match.index), kind: 'plain' })
    const [all, string, colon] = match
    if (string === undefined) tokens.push({ text: all, kind: /^[tfn]/.test(all) ? 'word' : 'number' })
    else {
      tokens.push({ text: string, kind: colon === undefined ? 'string' : 'key' })
      if (colon !== undefined) tokens.push({ text: colon, kind: 'plain' })
    }
    at = match.index + all.length
  }
  if (at < shown.length) tokens.push({ text: shown.slice(at), kind: 'plain' })
  if (shown.length < text.length) {
    tokens.push({ text: `\n… ${text.length - shown.length} more characters: copy the event`, kind: 'plain' })
  }
  return tokens
}
