import { readdirSync, readFileSync } from 'node:fs'
import { copyFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createDecoder } from '../../processors/decode.ts'
import { jsonLog } from '../../processors/json-log.ts'
import { routerLog } from '../../processors/router-log.ts'
import { documentOf } from '../../sinks/elasticsearch/document.ts'
import { encodeLines } from '../../sinks/influxdb/line-protocol.ts'
import { allStored, type Refusals, type Sink } from '../../src/core/contract.ts'
import { CulvertError } from '../../src/core/errors.ts'
import type { Event } from '../../src/core/event.ts'
import { frameTruncated, type RecordView } from '../../src/core/record.ts'
import { createPutBack } from '../../src/dead-letters/put-back.ts'
import { createDeadLetters, type SettledLetters } from '../../src/dead-letters.ts'
import { appLine, eventsOf } from '../sinks/wire-events.ts'
import { openLetters } from './letters.ts'

/** What a store would say of an event, by its kind. */
const written = (event: Event): unknown =>
  event.kind === 'log' || event.kind === 'event' ? documentOf(event) : encodeLines([event])

/** A store that keeps one of each id. */
function memoryStore(parts: Partial<Sink> = {}) {
  const stored = new Map<string, unknown>()
  let duplicates = 0
  const sink: Sink = {
    kind: 'memory',
    limits: { maxEvents: 100, maxBytes: 2 ** 20, maxAgeMs: 1, maxInFlight: 1 },
    accepts: () => true,
    start: async () => {},
    async write(batch): Promise<Refusals> {
      for (const event of batch) stored.set(event.id, written(event))
      return allStored
    },
    async known(events) {
      const known = events.map(({ id }) => id).filter(id => stored.has(id))
      duplicates += known.length
      return new Set(known)
    },
    stop: async () => {},
    ...parts
  }
  return { sink, stored, duplicates: () => duplicates }
}

async function subject(sink: Sink, broken: () => void = () => {}) {
  const letters = await openLetters()
  const { dir } = letters
  const own = createDeadLetters({ dir, lane: 'es' })
  const failing: SettledLetters = {
    ...own,
    settle: async places => {
      broken()
      return own.settle(places)
    }
  }
  const decoder = createDecoder()
  const putBack = createPutBack({
    dir,
    timeoutMs: 300,
    lanes: [{ lane: 'es', sink, processors: [routerLog(), jsonLog()], letters: failing }],
    decode: record => decoder.decode(record)
  })
  const { signal } = new AbortController()
  return {
    ...letters,
    own,
    step: (query: object = {}) => putBack({ limit: 100, ...query }, signal)
  }
}

const done = (putBack: number, more: object = {}) => ({
  lanes: [{ lane: 'es', putBack, duplicate: 0, refused: 0, ...more }],
  reasons: [],
  skipped: 0
})

test('the store gets the events that they were: same id, time, order and content, whatever the line', async () => {
  const cases = join(import.meta.dirname, '../cases/elasticsearch-document')
  const documents = readdirSync(cases).map(name => readFileSync(join(cases, name, 'input')))
  const metric = (element: string) =>
    Buffer.from(`<14>1 2026-11-24T04:29:03.785942+00:00 acme.prod.shop app-guid [0] - [${element}] \n`)
  const frames = [
    ...documents,
    ...['same', 'microsecond', 'of', 'one', 'source'].map(text => Buffer.from(appLine(text))),
    Buffer.from(appLine('no time', '9999-12-31T23:59:59+00:00')),
    Buffer.from([0x3c, 0xff, 0xfe]),
    metric('gauge@47450 name="cpu" value="0.5" unit="percentage"'),
    metric('counter@47450 name="n" total="18446744073709551615" delta="1"'),
    metric('timer@47450 name="http" start="1795494543785942000" stop="1795494543795942000"'),
    metric('timer@47450 name="http" start="1795494543785942000" stop="1795494543796942000"'),
    metric('event@47450 title="crashed" body="of memory"')
  ]
  const events = eventsOf(frames)
  const { sink, stored } = memoryStore()
  const { step, own, files } = await subject(sink)
  // Every other one, as if the rest had been stored.
  const dead = events.filter((_, i) => i % 2 === 0)
  await own.append(dead.map(event => ({ event, reason: 'no' })))
  expect(await step()).toEqual(done(dead.length))
  for (const event of dead) expect(stored.get(event.id)).toEqual(written(event))
  expect(stored.size).toBe(dead.length)
  expect(await files()).toEqual([])
})

test('marks of ingest come with the frame', async () => {
  const [event] = eventsOf([appLine('cut')])
  const { bytes, framesEnd } = event!.record
  bytes.writeUInt32LE(event!.record.frameLength(0) | frameTruncated, framesEnd + 4)
  const [marked] = [createDecoder().decode(event!.record)[0]!]
  const { sink, stored } = memoryStore()
  const { step, own } = await subject(sink)
  await own.append([{ event: marked, reason: 'no' }])
  await step()
  expect(stored.get(marked.id)).toMatchObject({ tags: ['truncated'] })
})

test('once: what is put back waits no more, and a second replay finds nothing', async () => {
  const { sink, stored } = memoryStore()
  const { step, give, reader, files, lines } = await subject(sink)
  await give('es', 'no', 'one', 'two', 'three')
  const first = await step({ limit: 2 })
  expect(first).toMatchObject(done(2))
  expect(await reader.list({ limit: 9 })).toMatchObject({ letters: [{ text: 'one' }], skipped: 0 })
  expect((await lines((await files())[0]!)).map(line => JSON.parse(line).putBack)).toEqual([0, 1, 1])
  expect(await step({ cursor: first.next })).toEqual(done(1))
  expect(await step()).toEqual({ lanes: [], reasons: [], skipped: 0 })
  expect(stored.size).toBe(3)
})

test('only what fits the filter', async () => {
  const { sink, stored } = memoryStore()
  const { step, give, texts } = await subject(sink)
  await give('es', 'depth limit', 'one', 'two')
  await give('es', 'no long', 'three')
  expect(await step({ q: 'depth' })).toEqual(done(2))
  expect([stored.size, await texts()]).toEqual([2, ['three']])
})

test('what is refused again stays, with its file, and the store’s words are told', async () => {
  const { sink } = memoryStore({
    write: async batch => ({
      ...allStored,
      rejected: [...batch.keys()].filter(i => i % 2 === 0).map(index => ({ index, reason: 'still no' }))
    })
  })
  const { step, give, texts } = await subject(sink)
  await give('es', 'no', 'one', 'two', 'three')
  expect(await step()).toEqual({ ...done(1, { refused: 2 }), reasons: ['still no'] })
  expect(await texts()).toHaveLength(2)
})

test('a call that the store refuses as a whole is halved: the others are put back', async () => {
  const { sink, stored } = memoryStore()
  const write = sink.write
  const { step, give, texts } = await subject({
    ...sink,
    write: async (batch, signal, through) => {
      if (batch.some(event => event.kind === 'log' && event.text === 'bad'))
        throw new CulvertError('SINK_REFUSED_BATCH', '400: bad')
      return write(batch, signal, through)
    }
  })
  await give('es', 'no', 'one', 'bad', 'two')
  expect(await step()).toEqual({ ...done(2, { refused: 1 }), reasons: ['400: bad'] })
  expect([stored.size, await texts()]).toEqual([2, ['bad']])
})

test('stored and not marked, as after a crash: the store is asked, and has it once', async () => {
  const { sink, stored, duplicates } = memoryStore()
  let broken = true
  const { step, give, texts } = await subject(sink, () => {
    if (broken) throw new CulvertError('DEAD_LETTERS_FAILING', 'no disk')
  })
  await give('es', 'no', 'one', 'two')
  await expect(step()).rejects.toMatchObject({ code: 'DEAD_LETTERS_FAILING' })
  expect([stored.size, await texts()]).toEqual([2, ['two', 'one']])
  broken = false
  expect(await step()).toEqual(done(2, { duplicate: 2 }))
  expect([stored.size, duplicates(), await texts()]).toEqual([2, 2, []])
})

test('a store that is away: nothing is marked, and what keeps it away is told', async () => {
  const { sink } = memoryStore({
    write: async () => {
      throw new CulvertError('SINK_UNAVAILABLE', 'nobody there', { retryable: true })
    }
  })
  const { step, give, texts } = await subject(sink)
  await give('es', 'no', 'one')
  await expect(step()).rejects.toMatchObject({
    code: 'SINK_UNAVAILABLE',
    message: expect.stringContaining('nobody there')
  })
  expect(await texts()).toEqual(['one'])
})

test('one store of two is away: what the other takes is told, and is done', async () => {
  const { sink } = memoryStore()
  const away = memoryStore({
    write: async () => {
      throw new CulvertError('SINK_UNAVAILABLE', 'nobody there', { retryable: true })
    }
  })
  const { give, texts, dir } = await subject(sink)
  const [es, influxdb] = [sink, away.sink].map((one, i) => {
    const lane = i === 0 ? 'es' : 'influxdb'
    return { lane, sink: one, processors: [], letters: createDeadLetters({ dir, lane }) }
  })
  await give('es', 'no', 'one')
  await give('influxdb', 'no', 'two')
  const decoder = createDecoder()
  const decode = (record: RecordView) => decoder.decode(record)
  const putBack = createPutBack({ dir, timeoutMs: 300, lanes: [es!, influxdb!], decode })
  const { lanes } = await putBack({ limit: 10 }, new AbortController().signal)
  expect([...lanes].sort((a, b) => a.lane.localeCompare(b.lane))).toEqual([
    { lane: 'es', putBack: 1, duplicate: 0, refused: 0 },
    { lane: 'influxdb', putBack: 0, duplicate: 0, refused: 0, problem: expect.stringContaining('nobody there') }
  ])
  expect(await texts()).toEqual(['two'])
})

test('letters of a lane that is gone, of a kind that it does not take, or without a place stay', async () => {
  const { sink } = memoryStore({ accepts: ({ kind }) => kind !== 'log' })
  const { step, give, texts } = await subject(sink)
  await give('es', 'no', 'one')
  await give('gone', 'no', 'two')
  const { lanes, reasons } = await step()
  expect(lanes.map(({ lane, putBack, refused }) => [lane, putBack, refused]).sort()).toEqual([
    ['es', 0, 1],
    ['gone', 0, 1]
  ])
  expect([...reasons].sort()).toEqual(['The lane es does not take such events.', 'There is no lane gone any more.'])
  expect((await texts()).sort()).toEqual(['one', 'two'])
})

test('an event that was given up twice is put back once, and both letters are done', async () => {
  const { sink, stored } = memoryStore()
  const { step, own, texts } = await subject(sink)
  const [event] = eventsOf([appLine('one')])
  await own.append([{ event: event!, reason: 'no' }])
  await own.append([{ event: event!, reason: 'no, after a crash' }])
  expect(await step()).toEqual(done(2))
  expect([stored.size, await texts()]).toEqual([1, []])
})

test('a file that was moved away, and another one of its name, are not touched', async () => {
  const { sink } = memoryStore()
  const { own, give, folder, files, lines, dir } = await subject(sink)
  await give('es', 'no', 'one')
  const [file] = await files()
  const at = JSON.parse((await lines(file!))[0]!).at
  await rename(join(folder, file!), join(dir, 'moved'))
  await own.settle([{ file: file!, start: 0, at }])
  expect(await files()).toEqual([])
  await copyFile(join(dir, 'moved'), join(folder, file!))
  await own.settle([{ file: file!, start: 0, at: '2020-01-01T00:00:00.000Z' }])
  expect(JSON.parse((await lines(file!))[0]!).putBack).toBe(0)
})

test('files go when all in them is done, and not when a line is no letter', async () => {
  const { sink } = memoryStore()
  const { step, give, own, files, folder } = await subject(sink)
  await give('es', 'no', 'one')
  const [name] = await files()
  await copyFile(join(folder, name!), join(folder, 'other.2026-11-24.1.ndjson'))
  await step()
  expect(await files()).toEqual(['other.2026-11-24.1.ndjson'])
  expect(await own.sweep()).toBe(0)
})
