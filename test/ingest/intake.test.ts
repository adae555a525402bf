import { expect, test } from 'vitest'
import { createCounts } from '../../ingest/counts.ts'
import { createIntake, type IntakeOptions } from '../../ingest/intake.ts'
import { partitionOf } from '../../ingest/partition.ts'
import { createMemoryJournal, createMemoryLog, framesOfRecord } from './memory-journal.ts'

function subject(options: Partial<IntakeOptions> = {}) {
  const memory = createMemoryJournal()
  const counts = createCounts()
  const log = createMemoryLog()
  const intake = createIntake({
    journal: memory.journal,
    partitions: 1,
    listener: 'syslog',
    maxFrameBytes: 128 * 1024,
    counts,
    log,
    firstRetryMs: 1,
    ...options
  })
  return { memory, counts, log, intake }
}

const message = (text: string, app = 'app') =>
  `<14>1 2026-11-24T04:29:03.785942+00:00 host ${app} [APP/PROC/WEB/0] - - ${text}\n`
const counted = (text: string, app?: string) => Buffer.from(`${message(text, app).length} ${message(text, app)}`)
const never = () => {
  throw new Error('nobody waits')
}

test('what all connections gave in one turn is one record, with its runs', async () => {
  const { memory, intake, counts } = subject()
  const [a, b] = [intake.open(never), intake.open(never)]
  for (const [stream, text] of [
    [a, 'one'],
    [a, 'two'],
    [b, 'three'],
    [a, 'four']
  ] as const)
    expect(stream.push(counted(text), 0, counted(text).length)).toBe(true)
  await memory.until(() => memory.records().length > 0)
  const [record] = memory.records()
  expect(framesOfRecord(record!)).toEqual(['one', 'two', 'three', 'four'].map(text => message(text)))
  expect(record!.runs()).toEqual([
    [1, 2],
    [2, 1],
    [1, 1]
  ])
  expect([record!.kind, record!.listener]).toEqual(['stream', 'syslog'])
  expect([counts.frames, counts.bytes]).toEqual([4, 4 * counted('one').length + 3])
  await intake.stop()
  expect(memory.records().length).toBe(1)
})

test('a frame in pieces among others’ frames is whole in one record', async () => {
  const { memory, intake } = subject()
  const [a, b] = [intake.open(never), intake.open(never)]
  const bytes = counted('in pieces')
  a.push(bytes, 0, 1)
  b.push(counted('other'), 0, counted('other').length)
  a.push(bytes, 1, 30)
  await memory.until(() => memory.records().length === 1)
  a.push(bytes, 30, bytes.length)
  await intake.stop()
  expect(memory.frames()).toEqual([message('other'), message('in pieces')])
})

test('while the journal is busy records grow; when all builders wait reading stops, and nothing is lost', async () => {
  const { memory, intake } = subject()
  const go = memory.hold()
  const resumed = new Set<number>()
  const streams = [0, 1, 2].map(i => intake.open(() => void resumed.add(i)))
  const sent: string[] = []
  const line = 'x'.repeat(1000)
  let i = 0
  for (; ; i++) {
    const bytes = counted(`${i} ${line}`)
    sent.push(message(`${i} ${line}`))
    if (!streams[i % 3]!.push(bytes, 0, bytes.length)) break
    expect(i).toBeLessThan(10_000)
  }
  const paused = i % 3
  expect(memory.waiting).toBe(4)
  expect(streams.map(stream => stream.waiting)).toEqual([0, 1, 2].map(n => n === paused))
  streams[paused]!.end()
  go()
  await intake.stop()
  expect(memory.frames()).toEqual(sent)
  expect(resumed.size).toBe(0)
  expect(new Set(memory.records().map(record => record.idText)).size).toBe(memory.records().length)
})

test('those that waited read on in their order', async () => {
  const { memory, intake } = subject()
  const go = memory.hold()
  const resumed: string[] = []
  const flood = intake.open(() => void resumed.push('flood'))
  const [a, b] = ['a', 'b'].map(name => intake.open(() => void resumed.push(name)))
  const big = counted('x'.repeat(60_000))
  while (flood.push(big, 0, big.length)) expect(memory.waiting).toBeLessThan(5)
  expect(a!.push(counted('a'), 0, counted('a').length)).toBe(false)
  expect(b!.push(counted('b'), 0, counted('b').length)).toBe(false)
  go()
  await intake.stop()
  expect(resumed).toEqual(['flood', 'a', 'b'])
  expect(memory.frames().slice(-2)).toEqual([message('a'), message('b')])
})

test('a record that the journal refuses is appended again with the same id, and order stays', async () => {
  const { memory, intake, counts, log } = subject()
  const stream = intake.open(never)
  memory.refuse('JOURNAL_FULL', 'JOURNAL_FAILING', 'JOURNAL_TIMEOUT')
  const texts = ['one', 'two', 'three']
  for (const text of texts) {
    stream.push(counted(text), 0, counted(text).length)
    await memory.until(() => memory.waiting > 0)
  }
  await intake.stop()
  expect(memory.frames()).toEqual(texts.map(text => message(text)))
  expect(counts.problems).toEqual({ journal_refused: 3 })
  expect(log.lines.map(line => line.level)).toEqual(['warn', 'info'])
})

test('a journal that has stopped ends it, and what was not safe is counted', async () => {
  const { memory, intake, counts } = subject()
  const go = memory.hold()
  const stream = intake.open(never)
  memory.refuse('JOURNAL_STOPPED', 'JOURNAL_STOPPED')
  stream.push(counted('one'), 0, counted('one').length)
  await memory.until(() => memory.waiting > 0)
  stream.push(counted('two'), 0, counted('two').length)
  go()
  await intake.stop()
  expect(memory.frames()).toEqual([])
  expect(counts.problems).toEqual({ stopped: 2 })
})

test('a stop does not wait for a journal that stays full, or stands still', async () => {
  for (const still of [false, true]) {
    const { memory, intake, counts, log } = subject({ settleMs: 20 })
    const go = still ? memory.hold() : () => memory.refuseAll('JOURNAL_FULL')
    if (!still) go()
    const stream = intake.open(never)
    for (const text of ['one', 'two']) stream.push(counted(text), 0, counted(text).length)
    await intake.stop()
    expect(counts.problems).toMatchObject({ stopped: 2 })
    expect(log.lines.at(-1)).toMatchObject({ level: 'error', fields: { listener: 'syslog', frames: 2 } })
    go()
  }
})

test('a stop does not sit out the pause after a refusal', async () => {
  const { memory, intake } = subject({ firstRetryMs: 60_000 })
  memory.refuse('JOURNAL_FULL')
  const stream = intake.open(never)
  stream.push(counted('one'), 0, counted('one').length)
  await memory.until(() => memory.waiting === 1)
  await memory.until(() => memory.waiting === 0)
  await intake.stop()
  expect(memory.frames()).toEqual([message('one')])
})

test('a frame over a builder’s size gets a record of its own size', async () => {
  const { memory, intake, counts } = subject({ maxFrameBytes: 4 * 1024 * 1024 })
  const stream = intake.open(never)
  const bytes = Buffer.concat([counted('before'), counted('y'.repeat(3_000_000)), counted('after')])
  for (let at = 0; at < bytes.length; at += 65_536) stream.push(bytes, at, Math.min(bytes.length, at + 65_536))
  await intake.stop()
  expect(memory.frames().map(frame => frame.length)).toEqual(
    ['before', 'y'.repeat(3_000_000), 'after'].map(text => message(text).length)
  )
  expect(counts.problems).toEqual({})
})

test('very many tiny frames fill the record’s table first, and none is lost', async () => {
  const { memory, intake, counts } = subject()
  let resume = () => {}
  const stream = intake.open(() => resume())
  const bytes = Buffer.from('2 <\n'.repeat(16_384))
  for (let i = 0; i < 40; i++) {
    const resumed = new Promise<void>(resolve => (resume = resolve))
    if (!stream.push(bytes, 0, bytes.length)) await resumed
  }
  stream.end()
  await intake.stop()
  expect(counts.frames).toBe(40 * 16_384)
  expect(memory.frames().every(frame => frame === '<\n')).toBe(true)
  expect(memory.frames().length).toBe(40 * 16_384)
})

test('an unfinished last frame is dropped and counted; garbage is kept', async () => {
  const { memory, intake, counts } = subject()
  const [a, b] = [intake.open(never), intake.open(never)]
  a.push(counted('whole'), 0, counted('whole').length)
  a.push(counted('half'), 0, 50)
  b.push(Buffer.from('what?'), 0, 5)
  a.end()
  b.end()
  await intake.stop()
  expect(memory.frames()).toEqual([message('whole'), 'what?'])
  expect(counts.problems).toEqual({ unfinished: 1, malformed: 1 })
})

test('with several partitions each app has one, and its order', async () => {
  const partitions = 3
  const { memory, intake, counts } = subject({ partitions })
  const stream = intake.open(never)
  const apps = Array.from({ length: 20 }, (_, i) => `0f6f1f2c-6d6c-4f0b-9a53-${i}`)
  const sent = Array.from({ length: 200 }, (_, i) => ({ app: apps[i % 20]!, text: `line ${i}` }))
  const bytes = Buffer.concat(sent.map(({ app, text }) => counted(text, app)))
  for (let at = 0; at < bytes.length; at += 777) stream.push(bytes, at, Math.min(bytes.length, at + 777))
  await intake.stop()
  const partition = (app: string) => partitionOf(Buffer.from(message('x', app)), 0, 200, partitions)
  expect(new Set(apps.map(partition))).toEqual(new Set([0, 1, 2]))
  for (let p = 0; p < partitions; p++)
    expect(memory.frames(p)).toEqual(
      sent.filter(({ app }) => partition(app) === p).map(({ app, text }) => message(text, app))
    )
  expect(counts.frames).toBe(200)
})

test('with several partitions backpressure of one loses nothing either', async () => {
  const { memory, intake } = subject({ partitions: 2 })
  const go = memory.hold()
  const stream = intake.open(() => {})
  const bytes = counted('z'.repeat(30_000))
  let sent = 1
  while (stream.push(bytes, 0, bytes.length)) sent++
  expect(memory.waiting).toBe(4)
  go()
  stream.end()
  await intake.stop()
  expect(memory.frames().length).toBe(sent)
})

test('the partition is a hash of APP-NAME alone', () => {
  const at = (text: string) => partitionOf(Buffer.from(text), 0, text.length, 1000)
  expect(at('<14>1 2026-11-24T04:29:03+00:00 h app [A/0] - - x')).toBe(at('<11>1 - other app'))
  expect(at('<14>1 - h app - - -')).not.toBe(at('<14>1 - h app2 - - -'))
  expect([at(''), at('hello'), at('a b c'), partitionOf(Buffer.from('a b c d'), 0, 7, 1)]).toEqual([0, 0, 0, 0])
  expect(at(`${'x'.repeat(600)} b c d`)).toBe(0)
})
