import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { DeadLetter } from '../src/core/dead-letter.ts'
import { createDeadLetters, type DeadLettersOptions } from '../src/dead-letters.ts'
import { appLine, eventsOf, receiptTime } from './sinks/wire-events.ts'

const refused = (...texts: string[]) =>
  eventsOf(texts.map(text => appLine(text))).map(event => ({ event, reason: 'mapping' }))

async function subject(options: Partial<DeadLettersOptions> = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'culvert-dead-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const folder = join(dir, 'dead-letters')
  const open = () => createDeadLetters({ dir, lane: 'elasticsearch', ...options })
  const files = async () => (await readdir(folder)).sort()
  const read = async (name: string): Promise<DeadLetter[]> =>
    (await readFile(join(folder, name), 'utf8'))
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line))
  return {
    dir,
    folder,
    open,
    files,
    read,
    /** Texts of all letters, file by file. */
    async texts() {
      const all = []
      for (const name of await files())
        all.push((await read(name)).map(({ event }) => Reflect.get(Object(event), 'message')))
      return all
    }
  }
}

test('a letter says what, why and when, and holds the frame as it came', async () => {
  const { open, files, read, folder } = await subject()
  const [letter] = refused('bad line')
  await open().append([letter!])
  const [name] = await files()
  const [{ at, event, ...rest }] = (await read(name!)) as [DeadLetter]
  expect(name).toBe(`elasticsearch.${at.slice(0, 10)}.1.ndjson`)
  expect(rest).toEqual({
    putBack: 0,
    lane: 'elasticsearch',
    id: letter!.event.id,
    reason: 'mapping',
    receiptTime,
    listener: 'syslog',
    sequence: 0,
    tieBreak: 0,
    marks: 0,
    frame: Buffer.from(appLine('bad line')).toString('base64')
  })
  expect(event).toMatchObject({ kind: 'log', message: 'bad line', source: { app: 'shop-api' } })
  expect([(await stat(folder)).mode & 0o777, (await stat(join(folder, name!))).mode & 0o777]).toEqual([0o700, 0o600])
})

test('an event that we cannot read ourselves is kept by its frame', async () => {
  const { open, files, read } = await subject()
  const { event, reason } = refused('x')[0]!
  const unreadable = new Proxy(event, {
    get(target, key) {
      if (key === 'timestamp') throw new RangeError('Invalid time value')
      return Reflect.get(target, key, target)
    }
  })
  await open().append([{ event: unreadable, reason }])
  const [letter] = await read((await files())[0]!)
  expect(letter).not.toHaveProperty('event')
  expect(letter).toMatchObject({ id: event.id, frame: Buffer.from(appLine('x')).toString('base64') })
})

test('letters that come at once do not mix, and lanes have files of their own', async () => {
  const { open, dir, texts, files } = await subject()
  const letters = open()
  const long = (text: string) => Array.from({ length: 100 }, (_, i) => `${text}${i} ${'x'.repeat(1000)}`)
  const other = createDeadLetters({ dir, lane: 'a/b' })
  await Promise.all([
    letters.append(refused(...long('a'))),
    letters.append(refused(...long('b'))),
    other.append(refused('c'))
  ])
  expect(await texts()).toEqual([['c'], [...long('a'), ...long('b')]])
  expect((await files())[0]).toMatch(/^a%2Fb\./)
})

test('a full file is followed by another one, also after a restart', async () => {
  const { open, texts } = await subject({ maxFileBytes: 1000 })
  for (const text of ['a', 'b', 'c', 'd']) await open().append(refused(text))
  expect(await texts()).toEqual([
    ['a', 'b'],
    ['c', 'd']
  ])
})

test('when they are too many the lane waits until somebody has moved files away', async () => {
  const { open, texts, files, folder, dir } = await subject({ maxFileBytes: 1000, maxBytes: 3000 })
  const letters = open()
  for (const text of ['a', 'b', 'c', 'd']) await letters.append(refused(text))
  await expect(letters.append(refused('e'))).rejects.toMatchObject({ code: 'DEAD_LETTERS_FULL', retryable: true })
  await createDeadLetters({ dir, lane: 'other', maxBytes: 3000 }).append(refused('x'))
  await rename(join(folder, (await files())[0]!), join(dir, 'looked-at.ndjson'))
  await letters.append(refused('e'))
  expect((await texts()).flat()).toEqual(['c', 'd', 'e', 'x'])
})

test.each([
  ['within the last line', ['a', 'b'], ['a', 'c']],
  ['of the only line', ['a'], ['c']]
])('the part %s that a crash left is cut off before the next letter', async (_, before, after) => {
  const { open, files, folder, texts } = await subject()
  for (const text of before) await open().append(refused(text.repeat(70_000)))
  const path = join(folder, (await files())[0]!)
  await truncate(path, (await stat(path)).size - 1)
  await open().append(refused('c'.repeat(70_000)))
  expect(await texts()).toEqual([after.map(text => text.repeat(70_000))])
})

test('a disk that does not take them says so, and takes them when it does again', async () => {
  const { open, dir, folder, texts } = await subject()
  await writeFile(folder, 'in the way')
  const letters = open()
  await expect(letters.append(refused('a'))).rejects.toMatchObject({ code: 'DEAD_LETTERS_FAILING', retryable: true })
  await rm(join(dir, 'dead-letters'))
  await mkdir(folder)
  await letters.append(refused('a'))
  expect(await texts()).toEqual([['a']])
})

test('a letter that failed to be written leaves nothing of itself', async () => {
  const { open, texts } = await subject()
  const letters = open()
  await letters.append(refused('a'))
  const broken = refused(...Array.from({ length: 100 }, (_, i) => `${i}`))
  Object.defineProperty(broken[90], 'reason', {
    get: () => {
      throw new Error('cut short')
    }
  })
  await expect(letters.append(broken)).rejects.toMatchObject({ code: 'DEAD_LETTERS_FAILING' })
  await letters.append(refused('b'))
  expect(await texts()).toEqual([['a', 'b']])
})
