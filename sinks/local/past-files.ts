import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { type Contents, isDamage, type Receipts, readContents, seenIds, seenStatement } from './file.ts'

/** Files kept open to ask whether a record was seen there; only replays ask more than the last one or two. */
const maxOpen = 8

/** What the writer knows of the store's files, and the question whether a record is in one that is not being written. */
export function createPastFiles(dir: string, repeatMs: number) {
  const receipts = new Map<string, Receipts>()
  const foreign = new Set<string>()
  const opened = new Map<string, { database: DatabaseSync; seen: StatementSync }>()

  function close(name: string): void {
    opened.get(name)?.database.close()
    opened.delete(name)
  }

  function open(name: string): StatementSync {
    let file = opened.get(name)
    if (file === undefined) {
      const [first] = opened.keys()
      if (opened.size === maxOpen && first !== undefined) close(first)
      const database = new DatabaseSync(join(dir, name), { timeout: 1000 })
      opened.set(name, (file = { database, seen: seenStatement(database) }))
    }
    return file.seen
  }

  function extend(name: string, { oldest, newest }: Receipts): void {
    const known = receipts.get(name)
    receipts.set(
      name,
      known ? { oldest: Math.min(known.oldest, oldest), newest: Math.max(known.newest, newest) } : { oldest, newest }
    )
  }

  return {
    /** Opens the file for a moment; so a WAL that a crash left is taken in. Undefined for another version's file. */
    read(name: string): Contents | undefined {
      const database = new DatabaseSync(join(dir, name), { timeout: 1000 })
      try {
        return readContents(database)
      } finally {
        database.close()
      }
    },
    learn(name: string, contents: Contents | undefined): void {
      if (contents === undefined) foreign.add(name)
      else if (contents.receipts) extend(name, contents.receipts)
    },
    extend,
    isOurs: (name: string): boolean => !foreign.has(name),
    forget(name: string): void {
      close(name)
      receipts.delete(name)
      foreign.delete(name)
    },
    /** The ends of the ids that files other than `current` have of a record. A new record is in none: its time says so. */
    seen(record: string, received: number, current: string, damaged: (name: string, error: unknown) => void): string[] {
      const ids: string[] = []
      for (const [name, { oldest, newest }] of receipts) {
        if (name === current || received < oldest || received > newest + repeatMs) continue
        try {
          ids.push(...seenIds(open(name), record))
        } catch (error) {
          if (!isDamage(error)) throw error
          damaged(name, error)
        }
      }
      return ids
    },
    close(): void {
      for (const name of [...opened.keys()]) close(name)
    }
  }
}
