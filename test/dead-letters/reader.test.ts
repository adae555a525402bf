import { appendFile, copyFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createWalk } from '../../src/dead-letters/walk.ts'
import { appId, appLine } from '../sinks/wire-events.ts'
import { openLetters } from './letters.ts'

const gauge = Buffer.from(
  '<14>1 2026-11-24T04:29:03.785942+00:00 acme.prod.shop app-guid [0] - [gauge@47450 name="cpu" value="0.5" unit="percentage"] \n'
)

test('no folder: no letters', async () => {
  const { reader } = await openLetters()
  expect(await reader.list({ limit: 10 })).toEqual({ letters: [], skipped: 0 })
  expect(await reader.reasons({})).toEqual({ reasons: [], letters: 0, complete: true, skipped: 0 })
  expect(await reader.letter('x')).toBeUndefined()
})

test('a row says what, why and whose', async () => {
  const { reader, give } = await openLetters()
  const [id] = await give('elasticsearch', '400: no', 'a line')
  const page = await reader.list({ limit: 10 })
  expect(page).toEqual({
    letters: [
      {
        id,
        at: page.letters[0]!.at,
        lane: 'elasticsearch',
        reason: '400: no',
        kind: 'log',
        app: 'shop-api',
        place: '',
        type: 'APP',
        text: 'a line',
        bytes: appLine('a line').length
      }
    ],
    skipped: 0
  })
})

test('newest first over files and lanes, page by page, without a repetition', async () => {
  const { give, texts, files } = await openLetters({ maxFileBytes: 1000 })
  for (let i = 0; i < 9; i++) await give(['a', 'b-1', 'c'][i % 3]!, 'no', `line ${i}`)
  expect((await files()).length).toBeGreaterThan(3)
  const all = await texts()
  const ofLane = (rest: number) => [8, 7, 6, 5, 4, 3, 2, 1, 0].filter(i => i % 3 === rest).map(i => `line ${i}`)
  for (const rest of [0, 1, 2]) expect(all.filter(text => Number(text.slice(5)) % 3 === rest)).toEqual(ofLane(rest))
  for (const limit of [1, 2, 4, 9]) expect(await texts({}, limit)).toEqual(all)
})

test('what comes while somebody pages is not in the pages, and nothing is passed over', async () => {
  const { give, reader } = await openLetters()
  await give('a', 'no', 'one', 'two', 'three')
  const first = await reader.list({ limit: 2 })
  await give('a', 'no', 'four')
  const second = await reader.list({ limit: 2, cursor: first.next! })
  expect([first, second].map(({ letters }) => letters.map(({ text }) => text))).toEqual([['three', 'two'], ['one']])
})

test('filters: lane with its partitions, words in reason or line, app by name and guid, time', async () => {
  const { give, texts, reader } = await openLetters()
  await give('es', 'field [x] of type long', 'first line')
  await give('es-1', 'depth limit', '{"msg":"second","order":{"id":"a-77"}}')
  await give('es-x', 'other lane', 'third')
  await give('influxdb', 'no NaN', gauge)
  expect((await texts({ lane: 'es' })).sort()).toEqual(['first line', 'second'])
  expect(await texts({ lane: 'es-x' })).toEqual(['third'])
  expect(await texts({ q: 'type long' })).toEqual(['first line'])
  expect(await texts({ q: '"first line"' })).toEqual(['first line'])
  expect(await texts({ q: 'a-77 sec*' })).toEqual(['second'])
  expect(await texts({ q: 'cpu' })).toEqual(['cpu 0.5 percentage'])
  expect(await texts({ q: 'first second' })).toEqual([])
  expect((await texts({ app: 'shop-api' })).sort()).toEqual(['first line', 'second', 'third'])
  expect(await texts({ app: appId })).toHaveLength(3)
  const { letters } = await reader.list({ limit: 1 })
  const newest = Date.parse(letters[0]!.at)
  expect(await texts({ from: newest + 1 })).toEqual([])
  expect(await texts({ from: newest, to: newest })).toContain(letters[0]!.text)
  expect(await texts({ to: newest - 60_000 })).toEqual([])
})

test('one letter whole, with bytes that are no UTF-8', async () => {
  const { give, reader } = await openLetters()
  const frame = Buffer.concat([Buffer.from(appLine('caf').slice(0, -1)), Buffer.from([0xe9, 0x0a])])
  const [id] = await give('es', 'no', 'a neighbour', frame).then(ids => ids.slice(1))
  await give('influxdb', 'no', 'another')
  const letter = await reader.letter(id!)
  expect(letter).toMatchObject({ id, lane: 'es', reason: 'no', sequence: 1, frame: frame.toString('base64') })
  expect(letter!.text.endsWith('caf\ufffd\n')).toBe(true)
  expect(await reader.letter(id!, 'influxdb')).toBeUndefined()
})

test('torn, foreign and damaged lines are skipped and counted, others are read', async () => {
  const { give, reader, folder, files, texts } = await openLetters()
  await give('es', 'no', 'one')
  const path = join(folder, (await files())[0]!)
  await appendFile(path, 'a note of somebody\n\n{"putBack":0,"at":"2026-11-24T04:30:00.000Z","lane":3}\n')
  await give('es', 'no', 'two')
  await appendFile(path, '{"putBack":0,"at":"2026-11-24T04:3')
  await writeFile(join(folder, 'README.txt'), 'ours')
  await writeFile(join(folder, 'es.2026-11-24.x.ndjson'), 'ours too\n')
  const { letters, skipped } = await reader.list({ limit: 10 })
  expect([letters.map(({ text }) => text), skipped]).toEqual([['two', 'one'], 4])
  expect(await texts({}, 1)).toEqual(['two', 'one'])
})

test('lines longer than a window are read, in every place', async () => {
  const { give, texts } = await openLetters()
  const long = (letter: string) => letter.repeat(600_000)
  await give('es', 'no', long('a'), 'short', long('b'), long('c'), 'end')
  expect(await texts({}, 2)).toEqual(
    ['end', 'c', 'b', 'short', 'a'].map(text => (text.length > 1 ? text : text.repeat(500)))
  )
})

test('files that people move away while they are gone through are passed over', async () => {
  const { give, folder, dir, files } = await openLetters({ maxFileBytes: 100 })
  for (const text of ['one', 'two', 'three']) await give('es', 'no', text)
  const walk = await createWalk({ dir })
  onTestFinished(() => walk.close())
  const [, middle] = await files()
  await rename(join(folder, middle!), join(dir, 'moved.ndjson'))
  const seen = []
  for (let placed = await walk.peek(); placed !== undefined; placed = await walk.peek()) {
    seen.push(placed.file.number)
    walk.take()
  }
  expect(seen).toEqual([3, 1])
})

test('files that people move away between two pages are passed over', async () => {
  const { give, reader, folder, dir, files } = await openLetters({ maxFileBytes: 100 })
  for (const text of ['one', 'two', 'three', 'four']) await give('es', 'no', text)
  const page = await reader.list({ limit: 1 })
  await rename(join(folder, (await files())[2]!), join(dir, 'moved.ndjson'))
  const rest = await reader.list({ limit: 10, cursor: page.next! })
  expect(rest.letters.map(({ text }) => text)).toEqual(['two', 'one'])
})

test.each(['x', 'e30', Buffer.from('{"es":["../x",0]}').toString('base64url')])('the cursor %j', async cursor => {
  const { give, reader } = await openLetters()
  await give('es', 'no', 'one')
  const page = reader.list({ limit: 1, cursor })
  if (cursor === 'e30') expect((await page).letters).toHaveLength(1)
  else await expect(page).rejects.toMatchObject({ code: 'QUERY_INVALID' })
})

test('reasons are counted without their numbers and quotations, the most frequent first', async () => {
  const { give, reader, texts } = await openLetters()
  await give('es', "400: failed to parse field [a] of id 'x1'", 'one')
  await give('es', "400: failed to parse field [b] of id 'x2'", 'two', 'three')
  await give('influxdb', 'InfluxDB has no NaN', gauge)
  const { reasons, ...rest } = await reader.reasons({})
  expect(rest).toEqual({ letters: 4, complete: true, skipped: 0 })
  expect(reasons.map(({ lane, reason, letters }) => [lane, reason, letters])).toEqual([
    ['es', "400: failed to parse field [b] of id 'x2'", 3],
    ['influxdb', 'InfluxDB has no NaN', 1]
  ])
  expect((await texts({ lane: 'es', q: reasons[0]!.q })).sort()).toEqual(['one', 'three', 'two'])
})

test('what Elasticsearch says of one field is one reason, whatever the value', async () => {
  const { give, reader, texts } = await openLetters()
  const said = (id: string, value: string) =>
    `400: document_parsing_exception: [1:121] failed to parse field [message] of type [long] in document with id '${id}'. ` +
    `Preview of field's value: '${value}': illegal_argument_exception: For input string: "${value}`
  await give('es', `${said('AaINxj2n', 'three')}"`, 'one')
  await give('es', `${said('BbIN-xj_', "it's two")}"`, 'two')
  await give('es', said('Cc', 'cut off before the qu'), 'three')
  const { reasons } = await reader.reasons({})
  expect(reasons.map(({ letters }) => letters)).toEqual([3])
  expect(await texts({ q: reasons[0]!.q })).toHaveLength(3)
})

test('many letters: a page looks at a bounded part and says where to go on', async () => {
  const { give, files, folder, reader } = await openLetters()
  await give('es', 'no', ...Array.from({ length: 40 }, (_, i) => `${i} ${'x'.repeat(400_000)}`))
  const [name] = await files()
  await copyFile(join(folder, name!), join(folder, name!.replace('.1.', '.2.')))
  await copyFile(join(folder, name!), join(folder, name!.replace('.1.', '.3.')))
  let pages = 0
  let found = 0
  let cursor: string | undefined
  do {
    const page = await reader.list({ limit: 500, q: 'nowhere*', ...(cursor === undefined ? {} : { cursor }) })
    pages++
    found += page.letters.length
    cursor = page.next
  } while (cursor !== undefined)
  expect([pages > 1, found]).toEqual([true, 0])
})
