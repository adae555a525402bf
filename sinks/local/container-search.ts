import { CulvertError } from '../../src/core/errors.ts'
import type { PlainSource } from '../../src/core/plain.ts'
import type { Container } from '../../src/core/search.ts'
import type { Reader } from './reader.ts'

const maxContainers = 5000
/** An instance that was silent for so long is gone. */
const recentMs = 5 * 60_000

const fields = {
  cpu: 'cpu',
  memory: 'memory',
  memory_quota: 'memoryQuota',
  disk: 'disk',
  disk_quota: 'diskQuota'
} as const
const isField = (name: string): name is keyof typeof fields => name in fields
const names = Object.keys(fields)
const seriesOf = `SELECT id, name, source FROM series WHERE kind = 'gauge' AND name IN (${names.map(() => '?').join(', ')})`

/** One entry per app instance that was heard of in the last minutes, by app and instance. Throws QUERY_DEADLINE. */
export function searchContainers(reader: Reader, deadline: number): { containers: Container[] } {
  const since = Date.now() - recentMs
  const found = new Map<
    string,
    { source: PlainSource; at: number; times: Map<string, number>; values: Map<string, number> }
  >()

  reader.each(({ database, source: sourceOf }) => {
    const last = database.prepare(
      'SELECT time, value FROM points WHERE series = ? AND time >= ? AND value IS NOT NULL ORDER BY time DESC, n DESC LIMIT 1'
    )
    for (const { id, name, source: number } of database.prepare(seriesOf).iterate(...names)) {
      if (performance.now() > deadline) throw new CulvertError('QUERY_DEADLINE', 'The search took too long.')
      const point = last.get(id!, since * 1000)
      const field = String(name)
      if (point === undefined || !isField(field)) continue
      const source = sourceOf(Number(number))
      if (source.appId === '') continue
      const at = Math.floor(Number(point.time) / 1000)
      const key = `${source.appId}\n${source.app}\n${source.process}\n${source.instance}`
      let container = found.get(key)
      if (container === undefined) {
        if (found.size === maxContainers) continue
        found.set(key, (container = { source, at, times: new Map(), values: new Map() }))
      }
      container.at = Math.max(container.at, at)
      if (at < (container.times.get(field) ?? 0)) continue
      container.times.set(field, at)
      container.values.set(fields[field], Number(point.value))
    }
    return Number(database.prepare('SELECT oldest FROM receipts').get()?.oldest ?? since) >= since
  })
  const containers = [...found.values()].map(({ source, at, values }) => ({
    source,
    at,
    ...Object.fromEntries(values)
  }))
  return { containers: containers.sort(byAppAndInstance) }
}

const byAppAndInstance = (a: Container, b: Container): number =>
  a.source.app.localeCompare(b.source.app) ||
  a.source.instance.localeCompare(b.source.instance, 'en', { numeric: true })
