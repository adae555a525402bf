import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { messageOf } from '../../src/core/errors.ts'
import type { PlainSource } from '../../src/core/plain.ts'
import { isDamage, versionOf } from './file.ts'
import { listFiles, storeDir } from './files.ts'
import { schemaVersion } from './schema.ts'
import type { Warn } from './thread.ts'

/** Files kept open between queries. */
const maxOpen = 64
const lockTimeoutMs = 1000

export interface OpenFile {
  readonly name: string
  readonly database: DatabaseSync
  source(id: number): PlainSource
}

/** The store's files as a reader sees them: each is opened read-only and kept open as long as it is the same file. */
export function createReader(dataDir: string, warn: Warn) {
  const dir = storeDir(dataDir)
  const opened = new Map<string, OpenFile & { readonly inode: number }>()
  const bad = new Map<string, number>()

  function close(name: string): void {
    opened.get(name)?.database.close()
    opened.delete(name)
  }

  function inodeOf(name: string): number | undefined {
    return statSync(join(dir, name), { throwIfNoEntry: false })?.ino
  }

  function open(name: string, inode: number): OpenFile | undefined {
    const database = new DatabaseSync(join(dir, name), { readOnly: true, timeout: lockTimeoutMs })
    try {
      if (versionOf(database) === schemaVersion) {
        const file = { name, inode, database, source: sourceReader(database) }
        opened.set(name, file)
        return file
      }
    } catch (error) {
      database.close()
      throw error
    }
    database.close()
    return undefined
  }

  /** Leaves a file out that is damaged or vanishes while it is read: what the others have is worth an answer. */
  function attempt<T>(name: string, read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      const inode = inodeOf(name)
      if (inode !== undefined && !isDamage(error)) throw error
      close(name)
      if (inode !== undefined) {
        bad.set(name, inode)
        warn({ file: name, reason: messageOf(error) }, 'A damaged file of the local store was left out of a search.')
      }
      return undefined
    }
  }

  /** Calls `read` with each file in turn, newest first, until it answers false. */
  function each(read: (file: OpenFile) => boolean | undefined): void {
    const names = listFiles(dir)
      .filter(file => !file.damaged)
      .map(file => file.name)
    for (const name of opened.keys()) if (opened.size > maxOpen || !names.includes(name)) close(name)
    for (const name of names.reverse()) {
      const inode = inodeOf(name)
      if (inode === undefined || bad.get(name) === inode) continue
      if (opened.get(name)?.inode !== inode) close(name)
      const more = attempt(name, () => {
        const file = opened.get(name) ?? open(name, inode)
        return file ? read(file) : true
      })
      if (more === false) return
    }
  }

  return {
    each,
    close(): void {
      for (const name of opened.keys()) close(name)
    }
  }
}
export type Reader = ReturnType<typeof createReader>

/** Sources are added and never changed. */
function sourceReader(database: DatabaseSync): (id: number) => PlainSource {
  const find = database.prepare('SELECT json FROM sources WHERE id = ?')
  const known = new Map<number, PlainSource>()
  return id => {
    let source = known.get(id)
    if (source === undefined) known.set(id, (source = JSON.parse(String(find.get(id)?.json))))
    return source!
  }
}
