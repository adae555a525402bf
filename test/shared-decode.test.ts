import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createDecoder } from '../processors/decode.ts'
import type { DecodedReader } from '../src/shared-decode.ts'
import { createMemoryJournal, type MemoryJournal } from './delivery/memory-journal.ts'
import { openDecode } from './delivery/open-lane.ts'
import { appLine } from './sinks/wire-events.ts'

const line = (text: string) => [appLine(text)]
const signal = new AbortController().signal

/** A journal with so many records of about 1 KiB and a way to count what is decoded and what the head sees. */
function subject({ records = 0, maxRecords = 100 } = {}) {
  const journal = createMemoryJournal()
  for (let i = 0; i < records; i++) journal.append(line(`${i}`.padEnd(1024)))
  const decoder = createDecoder()
  const decoded: number[] = []
  const seen: number[] = []
  const failAt = new Set<number>()
  const shared = openDecode(journal, {
    maxBytes: maxRecords * ((journal.records[0]?.bytes.length ?? 0) + 400),
    decode(record) {
      decoded.push(record.position)
      if (failAt.delete(record.position)) throw new Error('a bug')
      return decoder.decode(record)
    },
    onHead: entry => void (entry.kind === 'record' && seen.push(entry.record.position))
  })
  const positions = () => journal.records.map(({ position }) => position)
  return { journal, shared, decoded, seen, failAt, positions }
}

/** Reads so many records, each once, and answers where the next one is. */
async function advance(reader: DecodedReader, from: number, count: number): Promise<number> {
  let position = from
  for (let read = 0; read < count; ) {
    const entry = await reader.next(position, signal)
    if (entry.kind !== 'tick') {
      expect(entry.record.position).toBe(position)
      read++
    }
    position = entry.next
  }
  return position
}

test('lanes in step share one decode, whoever is first', async () => {
  const { journal, shared, decoded, seen, positions } = subject({ records: 20 })
  const [a, b] = [shared.createReader(), shared.createReader()]
  let [atA, atB] = [0, 0]
  for (const [stepsA, stepsB] of [
    [5, 0],
    [0, 8],
    [10, 0],
    [5, 12]
  ] as const) {
    atA = await advance(a, atA, stepsA)
    atB = await advance(b, atB, stepsB)
  }
  expect([decoded, seen, journal.reads]).toEqual([positions(), positions(), 1])
})

test('lanes that wait at the end get all that comes from one read', async () => {
  const { journal, shared, decoded, positions } = subject()
  const [a, b] = [shared.createReader(), shared.createReader()]
  const both = Promise.all([advance(a, 0, 2), advance(b, 0, 2)])
  await journal.idle()
  journal.append(line('x'))
  journal.append(line('y'))
  await both
  expect([decoded, journal.reads]).toEqual([positions(), 1])
})

test('what all lanes have passed is not kept, and what one has not is', async () => {
  const { journal, shared } = subject({ records: 20 })
  const [a, b] = [shared.createReader(), shared.createReader()]
  await advance(a, 0, 10)
  await advance(b, 0, 6)
  const sixth = journal.records[5]!.position
  expect(await shared.createReader().next(sixth, signal)).toMatchObject({ record: { position: sixth } })
  expect(journal.reads).toBe(1)
  await shared.createReader().next(journal.records[2]!.position, signal)
  expect(journal.reads).toBe(2)
})

test.each([
  0, 1
])('a lane that has fallen out of the window reads on its own until it is well within it again, %d others further behind', async others => {
  const { journal, shared, decoded, positions } = subject({ records: 100, maxRecords: 20 })
  const [fast, slow] = [shared.createReader(), shared.createReader()]
  for (let i = 0; i < others; i++) shared.createReader()
  await advance(slow, 0, 1)
  await advance(fast, 0, 100)
  let at = await advance(slow, journal.records[1]!.position, 99)
  // 20 are kept: of them the slow lane decodes those of the older half on its own
  expect(decoded).toEqual([...positions(), ...positions().slice(1, 90)])
  expect(journal.reads).toBe(2)
  journal.append(line('x'))
  at = await advance(slow, at, 1)
  expect([at, journal.reads]).toEqual([journal.end, 2])
})

test('a lane at the edge of the window does not fall in and out of it', async () => {
  const { journal, shared } = subject({ records: 200, maxRecords: 20 })
  const [fast, slow] = [shared.createReader(), shared.createReader()]
  let atFast = await advance(fast, 0, 30)
  let atSlow = await advance(slow, 0, 12)
  for (let i = 0; i < 100; i++) {
    atFast = await advance(fast, atFast, 1)
    atSlow = await advance(slow, atSlow, 1)
  }
  expect(journal.reads).toBe(2)
})

test('records with many small frames count for the memory that their events take', async () => {
  const journal = createMemoryJournal()
  for (let i = 0; i < 3; i++) journal.append(Array(1000).fill('<14>1'))
  const shared = openDecode(journal, { maxBytes: 2 * journal.records[0]!.bytes.length })
  const [a, b] = [shared.createReader(), shared.createReader()]
  await advance(a, 0, 3)
  await advance(b, 0, 3)
  expect(journal.reads).toBe(2)
})

test('the head is at the most advanced lane, and does not go back', async () => {
  const { journal, shared, seen, positions } = subject({ records: 20 })
  shared.begin(positions()[5]!)
  shared.begin(positions()[15]!)
  shared.begin(positions()[2]!)
  await shared.follow(journal.end, 0, 2)
  await advance(shared.createReader(), positions()[18]!, 2)
  await advance(shared.createReader(), positions()[5]!, 15)
  expect(seen).toEqual([15, 16, 18, 19].map(i => positions()[i]))
})

test('a record that could not be decoded is not passed over: whoever asks again gets it', async () => {
  const { shared, failAt, positions } = subject({ records: 3, maxRecords: 1 })
  const [ahead, behind] = [shared.createReader(), shared.createReader()]
  failAt.add(positions()[1]!)
  const second = await advance(ahead, 0, 1)
  await expect(ahead.next(second, signal)).rejects.toThrow('a bug')
  await advance(ahead, second, 2)
  failAt.add(0)
  await expect(behind.next(0, signal)).rejects.toThrow('a bug')
  await advance(behind, 0, 3)
})

test('after the journal could not be read the head and a lane of its own begin again where they were', async () => {
  const { journal, shared, positions } = subject({ records: 4 })
  let failures = 0
  journal.onRead(async () => {
    if (failures-- > 0) throw new Error('EIO')
  })
  shared.begin(positions()[3]!)
  for (const position of [positions()[3]!, positions()[0]!]) {
    const reader = shared.createReader()
    failures = 1
    await expect(reader.next(position, signal)).rejects.toThrow('EIO')
    await advance(reader, position, 1)
  }
})

test('an abort ends the wait of one lane and not that of the others', async () => {
  const { journal, shared } = subject()
  const [a, b] = [shared.createReader(), shared.createReader()]
  const abort = new AbortController()
  const waiting = a.next(0, abort.signal).then(({ next }) => a.next(next, abort.signal))
  const other = advance(b, 0, 1)
  await journal.idle()
  abort.abort()
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
  journal.append(line('x'))
  await other
})

test('a lane that was aborted while it read on its own reads on from the same place', async () => {
  const { shared, positions } = subject({ records: 10 })
  shared.begin(positions()[9]!)
  const reader = shared.createReader()
  const abort = new AbortController()
  await reader.next(0, abort.signal)
  abort.abort()
  await reader.close()
  await advance(reader, positions()[1]!, 9)
})

test('what a lane reads on its own is closed when it leaves', async () => {
  const { journal, shared, positions } = subject({ records: 10 })
  const closed: number[] = []
  const watched = openDecode({ reader: { ...journal.reader, read: (...of) => watch(journal, closed, of) } })
  watched.begin(positions()[9]!)
  const [first, second] = [watched.createReader(), watched.createReader()]
  await first.next(0, signal)
  await first.close()
  await second.next(0, signal)
  await second.next(positions()[4]!, signal)
  await second.next(positions()[9]!, signal)
  expect(closed).toEqual([0, 0, positions()[4]])
  shared.close()
})

async function* watch(journal: MemoryJournal, closed: number[], of: Parameters<MemoryJournal['reader']['read']>) {
  try {
    yield* journal.reader.read(...of)
  } finally {
    closed.push(of[1])
  }
}

test('the head reads on to the end when no lane does, and its records are there for the lanes', async () => {
  const { journal, shared, seen, decoded, positions } = subject({ records: 20 })
  const reader = shared.createReader()
  await advance(reader, 0, 2)
  await shared.follow(journal.end, 60_000, 100)
  expect(seen.length).toBe(2)
  await shared.follow(journal.end, 0, 10)
  expect(seen.length).toBe(12)
  await Promise.all([shared.follow(journal.end, 0, 100), shared.follow(journal.end, 0, 100)])
  expect(seen).toEqual(positions())
  await shared.follow(journal.end, 0, 100)
  await advance(reader, positions()[2]!, 18)
  expect(decoded).toEqual(positions())
})

test('while the disk does not answer, following does not pile up', async () => {
  const { journal, shared } = subject({ records: 1 })
  journal.onRead(() => new Promise(() => {}))
  shared.begin(0)
  const hangs = shared.follow(journal.end, 0, 100)
  await shared.follow(journal.end, 0, 100)
  expect(await Promise.race([hangs, 'hangs'])).toBe('hangs')
})

test('while every lane stands still the head follows what comes without a pause each time', async () => {
  const { journal, shared, seen } = subject({ records: 1 })
  shared.begin(0)
  await turn()
  for (let i = 0; i < 3; i++) {
    await shared.follow(journal.end, 1, 100)
    journal.append(line('x'))
  }
  expect(seen.length).toBe(3)
})

test('who looks at the head sees what the processors were given too, and word of repeated POSTs and of the end', async () => {
  const journal = createMemoryJournal()
  const { id } = journal.append(line('a'), { kind: 'post' })
  journal.append(line('a'), { kind: 'post', id: Buffer.from(id) })
  const seen: unknown[] = []
  const shared = openDecode(journal, {
    processors: [{ name: 'none', process: () => [] }],
    onHead: (entry, given) =>
      seen.push([entry.kind, entry.kind === 'record' ? entry.events.length : undefined, given.length])
  })
  const reader = shared.createReader()
  await advance(reader, 0, 2)
  await reader.next(journal.end, signal)
  expect(seen).toEqual([
    ['record', 0, 1],
    ['repeated', undefined, 0],
    ['tick', undefined, 0]
  ])
})

test('the head can be brought to a position that no lane has asked for', async () => {
  const { shared, seen, positions } = subject({ records: 10 })
  await shared.readTo(positions()[5]!)
  expect(seen).toEqual([]) // nobody has said where to begin
  shared.begin(positions()[2]!)
  await shared.readTo(positions()[5]!)
  expect(seen).toEqual(positions().slice(2, 5))
  await shared.readTo(positions()[3]!)
  await shared.readTo(Number.MAX_SAFE_INTEGER)
  expect(seen).toEqual(positions().slice(2))
})

test('nothing is kept for a lane that has ended', async () => {
  const { shared, decoded, positions } = subject({ records: 20 })
  const [gone, other] = [shared.createReader(), shared.createReader()]
  await advance(gone, 0, 1)
  await gone.end()
  await advance(other, 0, 20)
  await advance(shared.createReader(), 0, 20)
  expect(decoded).toEqual([...positions(), ...positions().slice(0, -1)]) // the last one is still there
})
