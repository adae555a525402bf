/** Of a tag's key or value and of a field's key, in UTF-16 units: far below the 65,535 bytes that InfluxDB allows a whole series key. */
const maxLength = 256

const controls = /[\u0000-\u001f\u007f]/g
const special = /[,= ]/g

/**
 * A tag's key or value, or a field's key, for a line of line protocol (InfluxDB v2 reference, line protocol, special characters). Comma, equals
 * sign and space are escaped and read back as they were. What no line can hold is replaced: control characters, line feeds among them, by a space;
 * a backslash at the end, which would escape what follows, gets an underscore after it; half a surrogate pair becomes U+FFFD. '' stays
 * '', and must be left out.
 */
export function escapeName(name: string): string {
  const text = (name.length > maxLength ? name.slice(0, maxLength) : name).toWellFormed().replace(controls, ' ')
  const escaped = text.replace(special, '\\$&')
  return escaped.endsWith('\\') ? `${escaped}_` : escaped
}
