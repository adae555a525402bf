import { type Event, type LogEvent, levels, type PlatformEvent } from './core/event.ts'
import { type LogRow, logRow } from './core/plain.ts'
import type { LogFilter } from './core/status.ts'

/** At most so many rows, and frames' bytes, go to one watcher between two flushes: nobody reads more. */
export const maxRows = 500
export const maxBytes = 2 ** 20

type Test = (event: LogEvent | PlatformEvent) => boolean

/** The events of the head of the journal for those who watch; costs nothing while nobody does. */
export function createTail(send: (watcher: number, rows: readonly LogRow[], dropped: number) => void) {
  const watchers = new Map<number, { readonly test: Test; rows: LogRow[]; bytes: number; dropped: number }>()

  return {
    watch(id: number, filter: LogFilter): void {
      watchers.set(id, { test: testOf(filter), rows: [], bytes: 0, dropped: 0 })
    },
    unwatch(id: number): void {
      watchers.delete(id)
    },
    see(events: readonly Event[]): void {
      if (watchers.size === 0) return
      for (const event of events) {
        if (event.kind !== 'log' && event.kind !== 'event') continue
        for (const watcher of watchers.values()) {
          if (!watcher.test(event)) continue
          const full = watcher.rows.length >= maxRows || watcher.bytes >= maxBytes
          const row = full ? undefined : readable(event)
          if (row === undefined) {
            watcher.dropped++
            continue
          }
          watcher.rows.push(row)
          watcher.bytes += event.byteLength
        }
      }
    },
    /** Hands on what was seen since the last time. */
    flush(): void {
      for (const [id, watcher] of watchers) {
        if (watcher.rows.length === 0 && watcher.dropped === 0) continue
        send(id, watcher.rows, watcher.dropped)
        watcher.rows = []
        watcher.bytes = 0
        watcher.dropped = 0
      }
    }
  }
}

/** Who watches must not stop the lanes: a line that we cannot show counts as dropped. */
function readable(event: Event): LogRow | undefined {
  try {
    return logRow(event)
  } catch {
    return undefined
  }
}

/** All that is given must match. `q`: every word, anywhere in the line, in any case. */
function testOf({ q, app, level, source }: LogFilter): Test {
  const words = (q ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '')
  const least = level === undefined ? -1 : levels.findIndex(name => name === level)
  const type = source?.toUpperCase()
  return event => {
    const from = event.source
    if (app !== undefined && from.app.name !== app && from.app.id !== app && from.id !== app) return false
    if (type !== undefined && from.type !== type) return false
    if (least > 0 && levels.indexOf(event.kind === 'log' ? event.level : 'info') < least) return false
    if (words.length === 0) return true
    const text = (event.kind === 'log' ? event.text : `${event.title} ${event.body}`).toLowerCase()
    return words.every(word => text.includes(word.replace(/^"|"$|\*$/g, '')))
  }
}
