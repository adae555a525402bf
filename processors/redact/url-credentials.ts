import type { Detector } from './detector.ts'

/** `://`, as some write it in JSON too, then user and password up to the last `@` before host, path or a quote. */
const credentials = /(:\\*\/\\*\/)[^\s/?#"'<>:]*:[^\s/?#"'<>]*@/g

const slash = 0x2f
const backslash = 0x5c
const at = 0x40

/** What ends a URL's authority: white space, `"#'/<>?`. */
const ends = new Uint8Array(256)
for (const byte of Buffer.from(' \t\n\r\v\f"#\'/<>?')) ends[byte] = 1

export const urlCredentials: Detector = {
  name: 'url',
  about: 'User and password in a URL: `scheme://user:password@host`. A user alone stays.',
  needles: [
    {
      text: '@',
      mayBe(bytes, start, place) {
        let p = place - 1
        // An earlier `@` was looked at: the same begins before it.
        while (p >= start && ends[bytes[p]!] === 0 && bytes[p] !== at) p--
        if (bytes[p] !== slash || p <= start) return false
        do p--
        while (p >= start && bytes[p] === backslash)
        return p >= start && bytes[p] === slash
      }
    }
  ],
  redact: (text, mask) => text.replace(credentials, (_, before: string) => `${before}${mask}@`)
}
