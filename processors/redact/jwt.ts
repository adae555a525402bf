import { type Detector, needle } from './detector.ts'

/** RFC 7515 section 3.1 and RFC 7516 section 3.1: two to five parts, the first of them JSON in base64url; the last may be cut off. */
const token = /(?<![A-Za-z0-9_-])(eyJ[A-Za-z0-9_-]{8,})(?:\.[A-Za-z0-9_-]*){1,4}/g

export const jwt: Detector = {
  name: 'jwt',
  about: 'JSON Web Tokens, signed or encrypted: what begins with a header that names an algorithm.',
  needles: [needle('yJ')],
  redact: (text, mask) => text.replace(token, (all, header: string) => (isHeader(header) ? mask : all))
}

/** RFC 7515 section 4: an object; `alg` must be in it. */
const isHeader = (part: string): boolean => /"alg"\s*:/.test(Buffer.from(part, 'base64url').toString('latin1'))
