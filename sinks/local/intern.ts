import type { DatabaseSync } from 'node:sqlite'
import type { PlainSource } from '../../src/core/plain.ts'
import type { BatchSeries } from './batch.ts'

/** More distinct ones than this, and what is remembered of them is forgotten; the file has them. */
const maxRemembered = 100_000

export interface FileSource {
  readonly id: number
  readonly app: number
  readonly type: string
}

/** Gives sources, apps and series their numbers within a file. Valid as long as no transaction is rolled back. */
export function createIntern(database: DatabaseSync) {
  const sources = new Map<string, FileSource>()
  const series = new Map<string, number>()

  const numbering = (table: string, columns: string) => {
    const names = columns.split(', ')
    const find = database.prepare(`SELECT id FROM ${table} WHERE ${names.map(name => `${name} = ?`).join(' AND ')}`)
    const add = database.prepare(`INSERT INTO ${table} (${columns}) VALUES (${names.map(() => '?').join(', ')})`)
    return (...values: (string | number)[]): number =>
      Number(find.get(...values)?.id ?? add.run(...values).lastInsertRowid)
  }
  const appNumber = numbering('apps', 'guid, name, space, org')
  const seriesNumber = numbering('series', 'name, kind, unit, source')
  const findSource = database.prepare('SELECT id, app, type FROM sources WHERE json = ?')
  const addSource = database.prepare('INSERT INTO sources (app, type, json) VALUES (?, ?, ?)')

  function readSource(json: string): FileSource {
    const row = findSource.get(json)
    if (row !== undefined) return { id: Number(row.id), app: Number(row.app), type: String(row.type) }
    const { appId, app: name, space, org, type }: PlainSource = JSON.parse(json)
    const app = appNumber(appId, name, space, org)
    return { id: Number(addSource.run(app, type, json).lastInsertRowid), app, type }
  }

  return {
    source(json: string): FileSource {
      let source = sources.get(json)
      if (source === undefined) {
        if (sources.size === maxRemembered) sources.clear()
        sources.set(json, (source = readSource(json)))
      }
      return source
    },
    series({ name, kind, unit }: BatchSeries, source: FileSource): number {
      const key = `${source.id}\n${kind}\n${name}\n${unit}`
      let number = series.get(key)
      if (number === undefined) {
        if (series.size === maxRemembered) series.clear()
        series.set(key, (number = seriesNumber(name, kind, unit, source.id)))
      }
      return number
    }
  }
}
