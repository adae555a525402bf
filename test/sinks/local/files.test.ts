import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readdirSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { logsOf, newDir, noon, openQueries, openSink, signal, throughOf } from './events.ts'

const day = 86_400_000
const mebibyte = 2 ** 20

const filesOf = (dir: string): string[] =>
  readdirSync(join(dir, 'local')).filter(name => !name.endsWith('-wal') && !name.endsWith('-shm'))

/** Lines that do not compress: `kibibytes` of base64. */
const bulk = (kibibytes: number): string[] =>
  Array.from({ length: kibibytes }, () => randomBytes(768).toString('base64'))

test('a day has its file, by receipt time', async () => {
  const { dir, sink } = await openSink()
  await sink.write(logsOf(['first']), signal, throughOf(1))
  await sink.write(
    logsOf(['late line of the first day'], { received: noon + day, micros: noon * 1000 }),
    signal,
    throughOf(2)
  )
  expect(filesOf(dir)).toEqual(['2026-11-24.1.sqlite', '2026-11-25.1.sqlite'])
  await sink.stop()
  const { sink: again } = await openSink({ dir })
  await again.write(logsOf(['goes on'], { received: noon + day + 1 }), signal, throughOf(3))
  expect(filesOf(dir)).toHaveLength(2)
})

test('a file that is large enough is followed by the next', async () => {
  const { dir, sink } = await openSink({ maxFileBytes: mebibyte })
  for (let i = 0; i < 5; i++) await sink.write(logsOf(bulk(500)), signal, throughOf(i))
  expect(filesOf(dir)).toEqual(['2026-11-24.1.sqlite', '2026-11-24.2.sqlite', '2026-11-24.3.sqlite'])
  expect((await sink.cursor?.(0))?.offset).toBe(4)
})

test('replayed events are known from whichever file has them', async () => {
  const { dir, sink } = await openSink()
  const old = logsOf(['old one'])
  await sink.write(old, signal, undefined)
  await sink.write(logsOf(['new one'], { received: noon + day }), signal, undefined)
  await sink.stop()
  const { sink: again } = await openSink({ dir })
  const batch = [...old, ...logsOf(['another'], { received: noon + day })]
  expect((await again.write(batch, signal, undefined)).duplicates).toBe(1)
  expect((await openQueries(dir).logs({ q: 'one' })).logs).toHaveLength(2)
})

test('the oldest files are deleted when all are too large, and their lines are gone while others are read', async () => {
  const { dir, sink } = await openSink({ maxFileBytes: mebibyte, maxTotalBytes: 3 * mebibyte })
  const queries = openQueries(dir)
  await sink.write(logsOf(['the first line', ...bulk(1200)]), signal, throughOf(1))
  expect((await queries.logs({ q: 'first' })).logs).toHaveLength(1)
  for (let i = 2; i < 8; i++) {
    await sink.write(logsOf([`line ${i}`, ...bulk(1200)]), signal, throughOf(i))
    await queries.logs({ q: 'line' })
  }
  expect(filesOf(dir)).not.toContain('2026-11-24.1.sqlite')
  expect(filesOf(dir).at(-1)).toBe('2026-11-24.7.sqlite')
  expect((await queries.logs({ q: 'first' })).logs).toEqual([])
  expect((await queries.logs({ q: '"line 7"' })).logs).toHaveLength(1)
})

test('files of days too long ago are deleted, but not the one that is written, and the cursors stay', async () => {
  const now = Date.now()
  const { dir, sink } = await openSink({ maxDays: 2 })
  const at = (days: number) => ({ received: now - days * day, micros: (now - days * day) * 1000 })
  await sink.write(logsOf(['partition 1'], { ...at(9), partition: 1 }), signal, throughOf(77, 1))
  await sink.write(logsOf(['backlog'], at(5)), signal, throughOf(1))
  expect(filesOf(dir)).toHaveLength(1)
  await sink.write(logsOf(['today'], at(0)), signal, throughOf(2))
  const { logs } = await openQueries(dir).logs({})
  expect(logs.map(row => row.message)).toEqual(['today'])
  await sink.stop()
  const { sink: again } = await openSink({ dir, maxDays: 2 })
  expect((await again.cursor?.(1))?.offset).toBe(77)
})

test('a file that is no database is set aside at the start, and the name is not used again', async () => {
  const dir = newDir()
  mkdirSync(join(dir, 'local'))
  writeFileSync(
    join(dir, 'local', '2026-11-24.1.sqlite'),
    'this is not a database, and it is long enough to be seen as none'.repeat(99)
  )
  const warnings: unknown[] = []
  const { sink } = await openSink({ dir }, (fields, message) => warnings.push([fields.file, message]))
  expect(warnings).toEqual([['2026-11-24.1.sqlite', 'A damaged file of the local store was set aside.']])
  await sink.write(logsOf(['goes on']), signal, throughOf(1))
  expect(filesOf(dir)).toEqual(['2026-11-24.1.sqlite.damaged', '2026-11-24.2.sqlite'])
  expect((await openQueries(dir).logs({})).logs).toHaveLength(1)
})

test.each<[string, (path: string) => void]>([
  ['is cut', path => truncateSync(path, 40_960)],
  ['has garbage in it', path => overwrite(path, 8192, randomBytes(200_000))],
  ['has tables that disagree', path => mixTablesUp(path)]
])('a file that %s is set aside when it is written to, and the batch goes into the next', async (_, damage) => {
  const { dir, sink } = await openSink()
  for (let i = 0; i < 3; i++) await sink.write(logsOf(['lost', ...bulk(300)]), signal, throughOf(i))
  await sink.stop()
  damage(join(dir, 'local', '2026-11-24.1.sqlite'))
  const warnings: unknown[] = []
  const { sink: again } = await openSink({ dir }, fields => warnings.push(fields.file))
  await again.write(logsOf(['kept']), signal, throughOf(7))
  expect(warnings).toEqual(['2026-11-24.1.sqlite'])
  expect(filesOf(dir)).toEqual(['2026-11-24.1.sqlite.damaged', '2026-11-24.2.sqlite'])
  expect((await again.cursor?.(0))?.offset).toBe(7)
})

function overwrite(path: string, position: number, bytes: Buffer): void {
  const file = openSync(path, 'r+')
  writeSync(file, bytes, 0, bytes.length, position)
  closeSync(file)
}

function mixTablesUp(path: string): void {
  const database = new DatabaseSync(path)
  database.enableDefensive(false)
  database.exec("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'blocks'")
  database.close()
}

test('a damaged file is left out of a search, once with a word', async () => {
  const { dir, sink } = await openSink()
  await sink.write(logsOf(['lost', ...bulk(300)]), signal, throughOf(1))
  await sink.write(logsOf(['kept'], { received: noon + day }), signal, throughOf(2))
  await sink.stop()
  truncateSync(join(dir, 'local', '2026-11-24.1.sqlite'), 16_384)
  const warnings: unknown[] = []
  const queries = openQueries(dir, { warn: fields => warnings.push(fields.file) })
  expect((await queries.logs({})).logs.map(row => row.message)).toEqual(['kept'])
  expect((await queries.logs({ q: 'kept' })).logs).toHaveLength(1)
  expect(warnings).toEqual(['2026-11-24.1.sqlite'])
})

test('a file of another version is left alone', async () => {
  const dir = newDir()
  mkdirSync(join(dir, 'local'))
  const database = new DatabaseSync(join(dir, 'local', '2026-11-24.1.sqlite'))
  database.exec('CREATE TABLE future (x); PRAGMA user_version = 999')
  database.close()
  const { sink } = await openSink({ dir })
  await sink.write(logsOf(['here']), signal, throughOf(1))
  expect(filesOf(dir)).toEqual(['2026-11-24.1.sqlite', '2026-11-24.2.sqlite'])
  expect((await openQueries(dir).logs({})).logs.map(row => row.message)).toEqual(['here'])
})
