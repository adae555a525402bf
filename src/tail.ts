import { type Event, type LogEvent, levels, type PlatformEvent } from './core/event.ts'
import { type LogRow, logRow, type PlainSource, plainSource } from './core/plain.ts'
import { namesText, searchTextOf } from './core/search-text.ts'
import type { LogFilter } from './core/status.ts'
import { matcherOf, parseTerms } from './core/words.ts'

/** At most so many rows, and frames' bytes, go to one watcher between two flushes: nobody reads more. */
export const maxRows = 500
export const maxBytes = 2 ** 20

/** The events of the head of the journal for those who watch; costs nothing while nobody does. */
export function createTail(send: (watcher: number, rows: readonly LogRow[], dropped: number) => void) {
  const watchers = new Map<
    number,
    { readonly test: (sight: Sight) => boolean; rows: LogRow[]; bytes: number; dropped: number }
  >()

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
        const sight = createSight(event)
        for (const watcher of watchers.values()) {
          if (!passes(watcher.test, sight)) continue
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

/** A line that we cannot look at goes on, and counts as dropped. */
function passes(test: (sight: Sight) => boolean, sight: Sight): boolean {
  try {
    return test(sight)
  } catch {
    return true
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

/** What the watchers of one event look at; made when the first of them asks. */
function createSight(event: LogEvent | PlatformEvent) {
  let source: PlainSource | undefined
  let text: string | undefined
  let names: string | undefined
  return {
    get source() {
      return (source ??= plainSource(event.source))
    },
    get level() {
      return event.kind === 'log' ? event.level : 'info'
    },
    /** In small letters, as `matcherOf` wants them. */
    get text() {
      return (text ??= searchTextOf(event).toLowerCase())
    },
    get names() {
      return (names ??= namesText(this.source).toLowerCase())
    }
  }
}
type Sight = ReturnType<typeof createSight>

/** All that is given must match, as in a search of the local store: each term of `q` in the line or in the source's names. */
function testOf({ q, app, level, source }: LogFilter): (sight: Sight) => boolean {
  const matchers = parseTerms(q ?? '').map(matcherOf)
  const least = level === undefined ? -1 : levels.findIndex(name => name === level)
  const type = source?.toLowerCase()
  return sight => {
    if (app !== undefined && sight.source.app !== app && sight.source.appId !== app) return false
    if (type !== undefined && sight.source.type.toLowerCase() !== type) return false
    if (least > 0 && levels.indexOf(sight.level) < least) return false
    return matchers.every(match => match(sight.text) || match(sight.names))
  }
}
