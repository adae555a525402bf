const quote = 0x22
const backslash = 0x5c
const openers = new Set(['{', '['])
const closers = new Set(['}', ']'])
/** Of JSON text: what a number is made of. */
const number = /[-+.0-9eE]+/y
const space = /[ \t\n\r]*/y
/** What ends a value that is no string, object or array. */
const word = /[^,\]}\s]*/y

export interface JsonRules {
  /** What is left of a string, or of a number as text. */
  text(value: string): string
  /** Whether the value of such a key goes whole. */
  isNamed(key: string): boolean
  readonly mask: string
}

/** Whether it is one object or array of JSON. */
export function isJson(text: string): boolean {
  const trimmed = text.trim()
  if (!openers.has(trimmed.charAt(0)) || !closers.has(trimmed.charAt(trimmed.length - 1))) return false
  try {
    JSON.parse(trimmed)
    return true
  } catch {
    return false
  }
}

/**
 * Valid JSON with other values in the places of those that the rules change, valid again; every other byte stays. Strings are looked at
 * without their escapes. The value of a named key goes whole, whatever it is, unless it is null or empty.
 */
export function redactJson(json: string, { text, isNamed, mask }: JsonRules): string {
  const masked = JSON.stringify(mask)
  let safe = ''
  let kept = 0
  let p = 0

  function replace(start: number, end: number, value: string): void {
    safe += json.slice(kept, start) + value
    kept = end
  }

  function change(start: number, end: number, value: string): void {
    const changed = text(value)
    if (changed !== value) replace(start, end, JSON.stringify(changed))
  }

  while (p < json.length) {
    const code = json.charCodeAt(p)
    if (code === quote) {
      const end = stringEnd(json, p)
      const value = stringOf(json, p, end)
      change(p, end, value)
      p = after(space, json, end)
      if (json[p] !== ':') continue
      p = after(space, json, p + 1)
      if (!isNamed(value)) continue
      const last = valueEnd(json, p)
      const found = json.slice(p, last)
      if (found !== 'null' && found !== '""') replace(p, last, masked)
      p = last
    } else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      const end = after(number, json, p)
      change(p, end, json.slice(p, end))
      p = end
    } else p++
  }
  return kept === 0 ? json : safe + json.slice(kept)
}

function after(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  pattern.test(text)
  return pattern.lastIndex
}

function stringOf(json: string, start: number, end: number): string {
  const inner = json.slice(start + 1, end - 1)
  return inner.includes('\\') ? String(JSON.parse(json.slice(start, end))) : inner
}

/** After the quote that closes the string at `start`. */
function stringEnd(json: string, start: number): number {
  for (let at = json.indexOf('"', start + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let first = at
    while (json.charCodeAt(first - 1) === backslash) first--
    if ((at - first) % 2 === 0) return at + 1
  }
  return json.length
}

function valueEnd(json: string, start: number): number {
  if (json.charCodeAt(start) === quote) return stringEnd(json, start)
  if (!openers.has(json.charAt(start))) return after(word, json, start)
  let depth = 0
  for (let p = start; p < json.length; ) {
    const character = json.charAt(p)
    if (character === '"') {
      p = stringEnd(json, p)
      continue
    }
    p++
    if (openers.has(character)) depth++
    else if (closers.has(character) && --depth === 0) return p
  }
  return json.length
}
