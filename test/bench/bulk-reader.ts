const lineFeed = 10
const actionStart = Buffer.from('{"create":{"_id":"')
const documentStart = Buffer.from('{"@timestamp":"')
const idLength = 32
const timeLength = 26
/** How much of a line's beginning anybody looks at. */
const headLength = 64

export interface BulkLines {
  /** An event's id begins here. */
  readonly id: (bytes: Buffer, at: number) => void
  /** A document's time begins here, six digits of fraction at least. */
  readonly time: (bytes: Buffer, at: number) => void
}

/**
 * Reads the body of one bulk request as it comes, and of each pair of lines no more than it must: the id and the time, at their places.
 * Throws where they are not.
 */
export function createBulkReader({ id, time }: BulkLines) {
  let documents = 0
  let inDocument = false
  let carry: Buffer | undefined

  function readHead(bytes: Buffer, at: number, end: number): void {
    if (inDocument) {
      expectAt(bytes, at, end, documentStart, timeLength)
      time(bytes, at + documentStart.length)
    } else {
      expectAt(bytes, at, end, actionStart, idLength)
      id(bytes, at + actionStart.length)
    }
  }

  return {
    push(chunk: Buffer): void {
      for (let at = 0; at < chunk.length; ) {
        const end = chunk.indexOf(lineFeed, at)
        if (carry !== undefined) {
          carry = Buffer.concat([carry, chunk.subarray(at, end < 0 ? chunk.length : end)]).subarray(0, headLength)
          if (end < 0) return
          readHead(carry, 0, carry.length)
          carry = undefined
        } else if (end < 0) {
          carry = Buffer.from(chunk.subarray(at, at + headLength))
          return
        } else readHead(chunk, at, end)
        if (inDocument) documents++
        inDocument = !inDocument
        at = end + 1
      }
    },
    /** Throws where the body ends within a line or a pair. */
    end(): number {
      if (inDocument || carry !== undefined) throw new Error('A bulk request ended in the middle of a document.')
      return documents
    }
  }
}

function expectAt(bytes: Buffer, at: number, end: number, start: Buffer, value: number): void {
  const fits = at + start.length + value <= end && bytes.compare(start, 0, start.length, at, at + start.length) === 0
  if (!fits)
    throw new Error(`A line of a bulk request begins with ${bytes.toString('utf8', at, Math.min(end, at + 80))}`)
}
