import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createDecoder } from '../../processors/decode.ts'
import { allStored, type Processor, type Refusals, type Sink } from '../../src/core/contract.ts'
import { CulvertError } from '../../src/core/errors.ts'
import type { Event } from '../../src/core/event.ts'
import { postId } from '../../src/core/identity.ts'
import { noFrames, type ReplayMode } from '../../src/core/replay.ts'
import { partitionDirectory, segmentHeaderBytes } from '../../src/journal/segment.ts'
import { createReplay } from '../../src/replay/replay.ts'
import { textOf } from '../delivery/scripted-sink.ts'
import { openDisk } from '../journal/open-disk.ts'
import { appLine, recordOf } from '../sinks/wire-events.ts'

const { signal: running } = new AbortController()

/** A store that keeps one of each id, and can be written over. */
function memoryStore(parts: Partial<Sink> = {}) {
  const stored = new Map<string, string>()
  const put = async (batch: readonly Event[]): Promise<Refusals> => {
    const duplicates = batch.filter(({ id }) => stored.has(id)).length
    for (const event of batch) stored.set(event.id, textOf(event))
    return { ...allStored, duplicates }
  }
  const sink: Sink = {
    kind: 'memory',
    limits: { maxEvents: 100, maxBytes: 2 ** 20, maxAgeMs: 1, maxInFlight: 1 },
    accepts: event => textOf(event) !== 'not for us',
    start: async () => {},
    write: put,
    replace: put,
    known: async events => new Set(events.map(({ id }) => id).filter(id => stored.has(id))),
    stop: async () => {},
    ...parts
  }
  return { sink, stored, texts: () => [...stored.values()] }
}

const louder: Processor = {
  name: 'louder',
  process: events =>
    events.map(event => (event.kind === 'log' ? event.with({ message: event.text.toUpperCase() }) : event))
}

interface Setting {
  readonly sink?: Partial<Sink>
  readonly processors?: readonly Processor[]
  readonly timeoutMs?: number
}

/** A journal on disk, a lane that has committed all of it, and a replay of it. */
async function subject({ sink: parts = {}, processors = [], timeoutMs = 300 }: Setting = {}) {
  const { dir, journal, reader } = await openDisk({ segmentBytes: 65_536 })
  const store = memoryStore(parts)
  const decoder = createDecoder()
  let committed: number | undefined
  const lane = { name: 'memory', partition: 0, sink: store.sink, processors, committed: () => committed ?? end() }
  const end = (): number => reader.bounds(0).end
  const replay = createReplay({
    journal: reader,
    lanes: [lane],
    decode: record => decoder.decode(record),
    timeoutMs
  })

  async function whole(mode: ReplayMode = 'missing', limit = 1000) {
    const [part] = (await replay.range({ sink: 'memory' })).partitions
    let { position } = part!
    const steps = []
    while (position < part!.end) {
      const step = await replay.step({ sink: 'memory', partition: 0, position, end: part!.end, limit, mode }, running)
      steps.push(step)
      position = step.position
    }
    return steps
  }
  return {
    ...store,
    replay,
    dir,
    reader,
    end,
    whole,
    step: (query: { position?: number; end?: number; limit?: number; mode?: ReplayMode } = {}) =>
      replay.step(
        { sink: 'memory', partition: 0, position: 0, end: end(), limit: 1000, mode: 'missing', ...query },
        running
      ),
    commit: (offset: number) => {
      committed = offset
    },
    async receive(texts: readonly string[], id?: Buffer) {
      const { bytes } = recordOf(
        texts.map(text => appLine(text)),
        id
      )
      if (id !== undefined) bytes[40] = 1
      await journal.append(0, bytes)
    }
  }
}

test('only what the store does not have is stored; a second replay stores nothing', async () => {
  const { receive, step, stored, texts, end } = await subject()
  await receive(['a', 'b', 'c'])
  await receive(['d', 'not for us'])
  expect(await step()).toMatchObject({ frames: 5, stored: 4, duplicate: 0, filtered: 1, position: end(), gone: 0 })
  const [first, , third] = [...stored.keys()]
  stored.delete(first!)
  stored.delete(third!)
  expect(await step()).toMatchObject({ frames: 5, stored: 2, replaced: 0, duplicate: 2, filtered: 1, refused: 0 })
  expect(texts().sort()).toEqual(['a', 'b', 'c', 'd'])
})

test('with `replace` what the store has is written over, and the rest is stored', async () => {
  const { receive, step, stored, texts } = await subject({ processors: [louder] })
  await receive(['a', 'b'])
  await step()
  const [first] = [...stored.keys()]
  stored.set(first!, 'old')
  stored.delete([...stored.keys()][1]!)
  expect(await step({ mode: 'replace' })).toMatchObject({ frames: 2, stored: 1, replaced: 1, duplicate: 0 })
  expect(texts()).toEqual(['A', 'B'])
})

test('a store that cannot be written over says so, and nothing is written', async () => {
  const { receive, replay, stored, step } = await subject({ sink: { replace: undefined } as never })
  await receive(['a'])
  expect((await replay.range({ sink: 'memory' })).replaces).toBe(false)
  await expect(step({ mode: 'replace' })).rejects.toMatchObject({ code: 'QUERY_INVALID' })
  expect(stored.size).toBe(0)
})

test('counting reads, and writes nothing', async () => {
  const { receive, step, stored, end } = await subject()
  await receive(['a', 'b'])
  const counted = await step({ mode: 'count' })
  expect(counted).toEqual({
    ...noFrames,
    frames: 2,
    position: end(),
    receivedAt: expect.any(Number),
    gone: 0,
    reasons: []
  })
  expect(stored.size).toBe(0)
})

test('steps are whole records, and every record comes once', async () => {
  const { receive, whole, texts } = await subject()
  for (let i = 0; i < 40; i++) await receive([`${i} a`.padEnd(3000), `${i} b`, `${i} c`])
  const steps = await whole('missing', 7)
  expect(steps.map(({ frames }) => frames)).toEqual([...Array.from({ length: 13 }, () => 9), 3])
  expect(steps.reduce((sum, { stored }) => sum + stored, 0)).toBe(120)
  expect(texts().length).toBe(120)
})

test('a record of very many events is written in the sink’s batches', async () => {
  const sizes: number[] = []
  const { receive, step } = await subject({
    sink: {
      write: async batch => {
        sizes.push(batch.length)
        return allStored
      }
    }
  })
  await receive(Array.from({ length: 450 }, (_, i) => `${i}`))
  expect(await step()).toMatchObject({ frames: 450, stored: 450 })
  expect(sizes).toEqual([100, 100, 100, 100, 50])
})

test('one reading goes on from step to step', async () => {
  const { receive, reader, step } = await subject()
  for (let i = 0; i < 4; i++) await receive([`${i}`])
  const read = reader.read
  let reads = 0
  reader.read = (...given) => {
    reads++
    return read(...given)
  }
  let position = 0
  for (let i = 0; i < 4; i++) ({ position } = await step({ position, limit: 1 }))
  expect(reads).toBe(1)
  await step({ limit: 1 })
  expect(reads).toBe(2)
})

test('a POST that came twice is replayed once', async () => {
  const { receive, step, texts } = await subject()
  const id = postId('/', '', Buffer.from('x'), 1)
  await receive(['a', 'b'], id)
  await receive(['a', 'b'], id)
  expect(await step()).toMatchObject({ frames: 4, stored: 2, duplicate: 2 })
  expect(texts()).toEqual(['a', 'b'])
})

test('also where the first of both lies before the range', async () => {
  const { receive, step, texts, end } = await subject()
  const id = postId('/', '', Buffer.from('x'), 1)
  await receive(['a'], id)
  const position = end()
  await receive(['a'], id)
  expect(await step({ position, mode: 'replace' })).toMatchObject({ frames: 1, stored: 0, replaced: 0, duplicate: 1 })
  expect(texts()).toEqual([])
})

test('a range is cut at the lane’s cursor: what lies behind it is the lane’s', async () => {
  const { receive, replay, step, whole, commit, texts, end } = await subject()
  await receive(['a'])
  const cursor = end()
  await receive(['b', 'c'])
  commit(cursor)
  const { partitions } = await replay.range({ sink: 'memory' })
  expect(partitions).toEqual([
    { partition: 0, position: 0, end: cursor, waiting: end() - cursor, begins: expect.any(Number) }
  ])
  expect(await whole()).toHaveLength(1)
  expect(texts()).toEqual(['a'])
  expect(await step({ position: 0 })).toMatchObject({ position: cursor, duplicate: 1, stored: 0 })
  await expect(step({ position: cursor })).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' })
})

test('a range is found by receipt time, both ends in it', async () => {
  const { receive, replay, reader } = await subject()
  await receive(['a'])
  const position = reader.bounds(0).end
  const before = (await reader.receivedAt(0, 0))!
  while (Date.now() <= before) await new Promise(resolve => setTimeout(resolve, 1))
  await receive(['b'])
  const end = reader.bounds(0).end
  const at = (await reader.receivedAt(0, position))!
  const rangeOf = async (from?: number, to?: number) => {
    const [part] = (await replay.range({ sink: 'memory', ...(from && { from }), ...(to && { to }) })).partitions
    return [part!.position, part!.end]
  }
  expect(await rangeOf()).toEqual([0, end])
  expect(await rangeOf(before, before)).toEqual([0, position])
  expect(await rangeOf(at, at)).toEqual([position, end])
  expect(await rangeOf(at + 1)).toEqual([end, end])
  expect(await rangeOf(1, before - 1)).toEqual([0, 0])
})

test('what the store blames is counted and told, and is no dead letter', async () => {
  const { receive, step } = await subject({
    sink: {
      write: async batch => ({
        ...allStored,
        rejected: batch.flatMap((event, index) => (textOf(event) === 'bad' ? [{ index, reason: 'no' }] : []))
      })
    }
  })
  await receive(['a', 'bad', 'bad'])
  expect(await step()).toMatchObject({ frames: 3, stored: 1, refused: 2, reasons: ['no'] })
})

test('a store that does not answer ends the step; the same step later does all of it', async () => {
  let away = true
  const store = memoryStore()
  const { receive, step, end } = await subject({
    timeoutMs: 50,
    sink: {
      ...store.sink,
      write: async (batch, signal, through) => {
        if (away) throw new CulvertError('SINK_UNAVAILABLE', 'away', { retryable: true })
        return store.sink.write(batch, signal, through)
      }
    }
  })
  await receive(['a', 'b'])
  await expect(step()).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining('away') })
  away = false
  expect(await step()).toMatchObject({ frames: 2, stored: 2, position: end() })
})

test('a journal that could not be read is read anew by the next step', async () => {
  const { receive, reader, step } = await subject()
  await receive(['a'])
  const { read } = reader
  const failure = new CulvertError('JOURNAL_FAILING', 'EIO', { retryable: true })
  reader.read = () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(failure) }) })
  await expect(step()).rejects.toMatchObject({ code: 'JOURNAL_FAILING' })
  reader.read = read
  expect(await step()).toMatchObject({ stored: 1 })
})

test('what is damaged, or has gone from the journal, is told in bytes', async () => {
  const { receive, step, texts, dir, end } = await subject()
  const starts: number[] = []
  for (const text of ['a', 'b', 'c']) {
    starts.push(end())
    await receive([text])
  }
  const [, second, third] = starts
  const [name] = await readdir(partitionDirectory(dir, 0))
  const file = await open(join(partitionDirectory(dir, 0), name!), 'r+')
  await file.write('damaged', segmentHeaderBytes + second! + 100)
  await file.close()
  const gone = third! - second!
  expect(await step({ end: third! })).toMatchObject({ frames: 1, position: third, gone })
  expect(await step({ position: second!, end: third! })).toMatchObject({ frames: 0, position: third, gone })
  expect(await step({ position: second! })).toMatchObject({ frames: 1, position: end(), gone })
  expect(await step()).toMatchObject({ frames: 2, duplicate: 2, gone })
  expect(texts()).toEqual(['a', 'c'])
})

test('one step of a sink at a time', async () => {
  const writing = Promise.withResolvers<void>()
  const { receive, step } = await subject({
    sink: {
      write: async () => {
        await writing.promise
        return allStored
      }
    }
  })
  await receive(['a'])
  const first = step()
  await expect(step()).rejects.toThrow('Another replay into memory is at work')
  writing.resolve()
  expect(await first).toMatchObject({ stored: 1 })
})

test('an unknown sink, and an unknown partition, are named', async () => {
  const { replay } = await subject()
  await expect(replay.range({ sink: 'x' })).rejects.toThrow('sink: there is no x; there is memory')
  const query = { sink: 'memory', partition: 7, position: 0, end: 1, limit: 1, mode: 'missing' } as const
  await expect(replay.step(query, running)).rejects.toThrow('partition: there is no 7')
})

test('a lane that joins lines is not replayed: what begins in the middle would be other documents', async () => {
  const joins: Processor = { name: 'multi-line', stateful: true, process: events => events }
  const { receive, replay, step, stored } = await subject({ processors: [joins] })
  await receive(['a'])
  await expect(replay.range({ sink: 'memory' })).rejects.toMatchObject({ code: 'QUERY_INVALID' })
  await expect(step()).rejects.toThrow('multi-line')
  expect(stored.size).toBe(0)
})

test('a lane that is only starting is waited for', async () => {
  const { reader } = await openDisk()
  const { sink } = memoryStore()
  const lanes = [{ name: 'memory', partition: 0, sink, processors: [], committed: () => undefined }]
  const replay = createReplay({ journal: reader, lanes, decode: () => [] })
  await expect(replay.range({ sink: 'memory' })).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' })
})
