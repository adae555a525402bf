const simple: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'"
}

/**
 * Undoes Go's strconv.Quote (without the outer quotes): `\"`, `\\`, control letters, `\xNN` (bytes), `\NNN`, `\uNNNN`,
 * `\UNNNNNNNN`. What is no escape stays as it is; bytes that are no UTF-8 together become U+FFFD.
 */
export function unquote(text: string): string {
  return text.replace(
    /(?:\\x[0-9a-fA-F]{2}|\\[0-7]{3})+|\\U[0-9a-fA-F]{8}|\\u[0-9a-fA-F]{4}|\\["'\\abfnrtv]/g,
    sequence => {
      const kind = sequence.charAt(1)
      if (kind === 'x' || (kind >= '0' && kind <= '7')) return bytesOf(sequence)
      if (kind === 'u' || kind === 'U') {
        const point = Number.parseInt(sequence.slice(2), 16)
        return point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) ? '\ufffd' : String.fromCodePoint(point)
      }
      return simple[kind] ?? sequence
    }
  )
}

const bytesOf = (escapes: string): string =>
  Buffer.from(
    Array.from(escapes.matchAll(/\\x(..)|\\(...)/g), ([, hex, octal = '']) =>
      hex === undefined ? Number.parseInt(octal, 8) & 255 : Number.parseInt(hex, 16)
    )
  ).toString('utf8')
