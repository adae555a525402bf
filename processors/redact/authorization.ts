import { isUtf8 } from 'node:buffer'
import { type Detector, needle } from './detector.ts'

/** A header of that name: whatever follows the scheme, which may be in any case (RFC 9110 section 11.1). */
const header =
  /((?:[Aa]uthorization|AUTHORIZATION)\\*["']?\s{0,4}(?::|=>?)\s{0,4}\\*["']?(?:Bearer|bearer|Basic|basic|Token|token|ApiKey|Negotiate)\s{1,4})[^\s"'\\,;]+/g

/** RFC 6750 section 2.1; a word of prose is shorter, or has no digit. */
const bearer = /(Bearer\s{1,4})([A-Za-z0-9._~+/-]{16,}={0,2})/g

/** RFC 7617 section 2: base64 of `user:password`. */
const basic = /(Basic\s{1,4})([A-Za-z0-9+/]{4,}={0,2})(?![A-Za-z0-9+/=])/g

export const authorization: Detector = {
  name: 'authorization',
  about: 'Bearer and basic tokens, as in `Authorization: Bearer …`; prose such as `bearer of news` stays.',
  needles: ['Bearer', 'Basic', 'zation', 'ZATION'].map(needle),
  redact: (text, mask) =>
    text
      .replace(header, (_, before: string) => before + mask)
      .replace(bearer, (all, before: string, token: string) => (/\d/.test(token) ? before + mask : all))
      .replace(basic, (all, before: string, token: string) => (isUserAndPassword(token) ? before + mask : all))
}

function isUserAndPassword(token: string): boolean {
  if (token.length % 4 !== 0) return false
  const bytes = Buffer.from(token, 'base64')
  return bytes.includes(0x3a) && isUtf8(bytes) && !bytes.some(byte => byte < 0x20 || byte === 0x7f)
}
