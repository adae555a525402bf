import { type Detector, needle } from './detector.ts'

/** RFC 7468 section 10 and the older PEM labels; RFC 9580 section 6.2 for PGP. */
const begin = /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g
/** What a key that is cut off may go on with: base64, and white space as it is or as a string has it. */
const body = /[A-Za-z0-9+/=\s\\]*/y

export const privateKey: Detector = {
  name: 'private-key',
  about: 'Private keys in PEM, also within a line or cut off; certificates and public keys stay.',
  needles: [needle('BEGIN')],
  redact(text, mask) {
    let safe = ''
    let kept = 0
    let end = -2 // not looked for yet
    for (const { index, 0: line } of text.matchAll(begin)) {
      const from = index + line.length
      if (index < kept) continue
      if (end !== -1 && end < from) end = text.indexOf('-----END ', from)
      const next = text.indexOf('-----BEGIN ', from)
      let to = end
      if (end < 0 || (next >= 0 && next < end)) {
        body.lastIndex = from
        body.test(text)
        to = body.lastIndex
      }
      if (to === from) continue
      safe += text.slice(kept, from) + mask
      kept = to
    }
    return kept === 0 ? text : safe + text.slice(kept)
  }
}
