import { type Detector, needle } from './detector.ts'

/** What people have, not all that RFC 5321 allows: a local part of at most 64 characters, a domain with a dot. */
const address =
  /(?<![A-Za-z0-9._%+'-])[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}\.[A-Za-z]{2,24}(?![A-Za-z0-9])/g

export const email: Detector = {
  name: 'email',
  about: 'E-mail addresses; only where it is asked for.',
  needles: [needle('@')],
  redact: (text, mask) => text.replace(address, () => mask)
}
