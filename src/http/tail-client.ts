import type { ServerResponse } from 'node:http'
import type { LogRow } from '../core/plain.ts'

/** Heartbeats that a client may sleep through before it is cut off: its socket took nothing in all that time. */
const maxMissedBeats = 4

/** One client of the tail: writes rows while fewer than `maxWaiting` characters wait for it, and says how many it missed. */
export function createTailClient(response: ServerResponse, maxWaiting: number, onDropped: (count: number) => void) {
  let missed = 0
  let missedBeats = 0

  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no'
  })
  response.write('retry: 2000\n\n')
  response.on('drain', () => {
    missedBeats = 0
    sayMissed()
  })
  response.on('error', () => response.destroy())

  function sayMissed(): void {
    if (missed === 0) return
    response.write(`event: dropped\ndata: {"count":${missed}}\n\n`)
    missed = 0
  }

  return {
    push(rows: readonly LogRow[], dropped = 0): void {
      const room = maxWaiting - response.writableLength
      if (room > 0) sayMissed()
      let text = ''
      let taken = 0
      while (taken < rows.length && text.length < room) {
        text += `event: log\ndata: ${JSON.stringify(rows[taken++])}\n\n`
      }
      if (taken > 0) response.write(text)
      const count = rows.length - taken + dropped
      if (count === 0) return
      missed += count
      onDropped(count)
    },

    /** A comment, so that proxies keep the connection; a client that has taken nothing for long is cut off. */
    beat(): void {
      if (!response.writableNeedDrain) response.write(': still here\n\n')
      else if (++missedBeats >= maxMissedBeats) response.destroy()
    },

    /** A client that does not read would not see the end either. */
    end(): void {
      if (response.writableNeedDrain) response.destroy()
      else response.end()
    }
  }
}
export type TailClient = ReturnType<typeof createTailClient>
