import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readdirSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { logsOf, newDir, noon, throughOf } from './events.ts'
import { openReader, openStore } from './in-process.ts'

const day = 86_400_000
const mebibyte = 2 ** 20

const filesOf = (dir: string): string[] =>
  readdirSync(join(dir, 'local')).filter(name => !name.endsWith('-wal') && !name.endsWith('-shm'))

/** Lines that do not compress: `kibibytes` of base64. */
const bulk = (kibibytes: number): string[] =>
  Array.from({ length: kibibytes }, () => randomBytes(768).toString('base64'))

test('a day has its file, by receipt time', async () => {
  const store = openStore()
  const { dir } = store
  store.write(logsOf(['first']), throughOf(1))
  store.write(logsOf(['late line of the first day'], { received: noon + day, micros: noon * 1000 }), throughOf(2))
  expect(filesOf(dir)).toEqual(['2026-11-24.1.sqlite', '2026-11-25.1.sqlite'])
  store.close()
  const again = openStore({ dir })
  again.write(logsOf(['goes on'], { received: noon + day + 1 }), throughOf(3))
  expect(filesOf(dir)).toHaveLength(2)
})

test('only the owner may read what is stored', () => {
  const store = openStore()
  store.write(logsOf(['secret']), throughOf(1))
  const folder = join(store.dir, 'local')
  const modes = readdirSync(folder).map(name => statSync(join(folder, name)).mode & 0o777)
  expect(modes).toEqual([0o600, 0o600, 0o600])
})

test('a file that is large enough is followed by the next', async () => {
  const store = openStore({ maxFileBytes: mebibyte })
  const { dir } = store
  for (let i = 0; i < 5; i++) store.write(logsOf(bulk(500)), throughOf(i))
  expect(filesOf(dir)).toEqual(['2026-11-24.1.sqlite', '2026-11-24.2.sqlite', '2026-11-24.3.sqlite'])
  expect(store.cursor(0)?.offset).toBe(4)
})

test('a file that is done has all rows in itself, also while somebody reads it', async () => {
  const store = openStore()
  store.write(logsOf(['first']), throughOf(1))
  await openReader(store.dir).logs({})
  store.write(logsOf(['next day'], { received: noon + day }), throughOf(2))
  expect(statSync(join(store.dir, 'local', '2026-11-24.1.sqlite-wal')).size).toBe(0)
})

test('replayed events are known from whichever file has them', async () => {
  const store = openStore()
  const { dir } = store
  const old = logsOf(['old one'])
  store.write(old)
  store.write(logsOf(['new one'], { received: noon + day }))
  store.close()
  const again = openStore({ dir })
  const batch = [...old, ...logsOf(['another'], { received: noon + day })]
  expect(again.write(batch)).toBe(1)
  expect((await openReader(dir).logs({ q: 'one' })).logs).toHaveLength(2)
})

test('the oldest files are deleted when all are too large, and their lines are gone while others are read', async () => {
  const store = openStore({ maxFileBytes: mebibyte, maxTotalBytes: 3 * mebibyte })
  const { dir } = store
  const queries = openReader(dir)
  store.write(logsOf(['the first line', ...bulk(1000)]), throughOf(1))
  expect((await queries.logs({ q: 'first' })).logs).toHaveLength(1)
  for (let i = 2; i < 5; i++) {
    store.write(logsOf([`line ${i}`, ...bulk(1000)]), throughOf(i))
    await queries.logs({ q: 'line' })
  }
  expect(filesOf(dir)).not.toContain('2026-11-24.1.sqlite')
  expect(filesOf(dir).at(-1)).toBe('2026-11-24.4.sqlite')
  expect((await queries.logs({ q: 'first' })).logs).toEqual([])
  expect((await queries.logs({ q: '"line 4"' })).logs).toHaveLength(1)
})

test('files of days too long ago are deleted, but not the one that is written, and the cursors stay', async () => {
  const now = Date.now()
  const store = openStore({ maxDays: 2 })
  const { dir } = store
  const at = (days: number) => ({ received: now - days * day, micros: (now - days * day) * 1000 })
  store.write(logsOf(['partition 1'], { ...at(9), partition: 1 }), throughOf(77, 1))
  store.write(logsOf(['backlog'], at(5)), throughOf(1))
  expect(filesOf(dir)).toHaveLength(1)
  store.write(logsOf(['today'], at(0)), throughOf(2))
  const { logs } = await openReader(dir).logs({})
  expect(logs.map(row => row.message)).toEqual(['today'])
  store.close()
  const again = openStore({ dir, maxDays: 2 })
  expect(again.cursor(1)?.offset).toBe(77)
})

test('a file that is no database is set aside at the start, and the name is not used again', async () => {
  const dir = newDir()
  mkdirSync(join(dir, 'local'))
  writeFileSync(
    join(dir, 'local', '2026-11-24.1.sqlite'),
    'this is not a database, and it is long enough to be seen as none'.repeat(99)
  )
  const warnings: unknown[] = []
  const store = openStore({ dir }, (fields, message) => warnings.push([fields.file, message]))
  expect(warnings).toEqual([['2026-11-24.1.sqlite', 'A damaged file of the local store was set aside.']])
  store.write(logsOf(['goes on']), throughOf(1))
  expect(filesOf(dir)).toEqual(['2026-11-24.1.sqlite.damaged', '2026-11-24.2.sqlite'])
  expect((await openReader(dir).logs({})).logs).toHaveLength(1)
})

test.each<[string, (path: string) => void]>([
  ['is cut', path => truncateSync(path, 40_960)],
  ['has garbage in it', path => overwrite(path, 8192, randomBytes(200_000))],
  ['has tables that disagree', path => mixTablesUp(path)]
])('a file that %s is set aside when it is written to, and the batch goes into the next', async (_, damage) => {
  const store = openStore()
  const { dir } = store
  for (let i = 0; i < 3; i++) store.write(logsOf(['lost', ...bulk(300)]), throughOf(i))
  store.close()
  damage(join(dir, 'local', '2026-11-24.1.sqlite'))
  const warnings: unknown[] = []
  const again = openStore({ dir }, fields => warnings.push(fields.file))
  again.write(logsOf(['kept']), throughOf(7))
  expect(warnings).toEqual(['2026-11-24.1.sqlite'])
  expect(filesOf(dir)).toEqual(['2026-11-24.1.sqlite.damaged', '2026-11-24.2.sqlite'])
  expect(again.cursor(0)?.offset).toBe(7)
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
  const store = openStore()
  const { dir } = store
  store.write(logsOf(['lost', ...bulk(300)]), throughOf(1))
  store.write(logsOf(['kept'], { received: noon + day }), throughOf(2))
  store.close()
  truncateSync(join(dir, 'local', '2026-11-24.1.sqlite'), 16_384)
  const warnings: unknown[] = []
  const queries = openReader(dir, fields => warnings.push(fields.file))
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
  const store = openStore({ dir })
  store.write(logsOf(['here']), throughOf(1))
  expect(filesOf(dir)).toEqual(['2026-11-24.1.sqlite', '2026-11-24.2.sqlite'])
  expect((await openReader(dir).logs({})).logs.map(row => row.message)).toEqual(['here'])
})
