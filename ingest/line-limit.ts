import { Transform } from 'node:stream'
import { lineEnd } from './frame-start.ts'

/**
 * What split2 reads safely: lines of at most `maxBytes` + 1 bytes (the one more shows that it was cut), each byte as the character
 * of its number, since split2 decodes UTF-8 and would alter bytes that are none. The lines back to bytes: `bytesOfLine`.
 */
export function createLineLimit(maxBytes: number, onBytes: (bytes: number) => void): Transform {
  let length = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length)
      let text = ''
      for (let at = 0; at < chunk.length; ) {
        const end = lineEnd(chunk, at, chunk.length)
        const kept = Math.min(end - at, maxBytes + 1 - length)
        text += chunk.toString('latin1', at, at + kept)
        length += kept
        at = end
        if (end < chunk.length) {
          text += '\n'
          length = 0
          at++
        }
      }
      done(null, Buffer.from(text, 'utf8'))
    }
  })
}

export const bytesOfLine = (line: string): Buffer => Buffer.from(line, 'latin1')
