/** A float as Go's `%g` prints it: shortest digits; an exponent, of two digits at least, below 1e-4 and from 1e6 (strconv/ftoa.go). */
export function goFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const [digits = '0', power = '0'] = value.toExponential().split('e')
  const exponent = Number(power)
  if (exponent >= -4 && exponent < 6) return Object.is(value, -0) ? '-0' : value.toString()
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v'
}

/** A text as Go's strconv.Quote prints it, which is how gorouter writes what clients sent. Beyond ASCII everything counts as printable. */
export const goQuote = (text: string): string =>
  `"${text.replace(/["\\\x00-\x1f\x7f]/g, char => escapes[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`
