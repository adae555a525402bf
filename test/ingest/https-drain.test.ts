import { expect, test } from 'vitest'
import { dealOut, recordBytes } from '../../ingest/body-parts.ts'
import { createHttpsDrain, type Delivered } from '../../ingest/https-drain.ts'
import { splitBody } from '../../ingest/split-body.ts'
import { createDecoder } from '../../processors/decode.ts'
import { CulvertError } from '../../src/core/errors.ts'
import { maxRecordBytes } from '../../src/core/identity.ts'
import { RecordView } from '../../src/core/record.ts'
import { captures, httpsCaptures, requestsOf } from '../cases/captures.ts'

/** A journal that keeps what it is given, or refuses. */
function subject(
  options: {
    user?: string
    password?: string
    maxFrameBytes?: number
    partitions?: number
    refuse?: CulvertError
    delivered?: Delivered
  } = {}
) {
  const { refuse, ...rest } = options
  const records: RecordView[] = []
  const journal = {
    append: async (partition: number, record: Buffer) => {
      if (refuse !== undefined) throw refuse
      record.writeDoubleLE(1000 * (partition + 1), 16)
      records.push(new RecordView(Buffer.from(record), partition))
    }
  }
  const drain = createHttpsDrain({ journal, partitions: 1, maxFrameBytes: 131_072, ...rest })
  const post = (body: string | Buffer) =>
    drain.handle({ target: '/drain?drain-data=all', body: Buffer.from(body), listener: 'http' })
  return { drain, records, post }
}

const line = (text: string, app = 'app') =>
  `<14>1 2026-11-24T04:29:03.785942+00:00 o.s.a ${app} [APP/PROC/WEB/0] - - ${text}\n`
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

test.each(httpsCaptures)('every message of %s becomes a frame', async name => {
  const { records, post } = subject()
  let messages = 0
  for (const { body } of requestsOf(name)) {
    expect(await post(body)).toBe(204)
    messages += splitBody(body).length
  }
  const events = records.flatMap(record => createDecoder().decode(record))
  expect(events).toHaveLength(messages)
  expect(events.filter(({ marks }) => marks.includes('unparsed'))).toEqual([])
})

test.each(httpsCaptures)('every byte of %s lies in one of its messages', name => {
  const requests = requestsOf(name)
  const frames = requests.flatMap(({ body }) => splitBody(body).map(({ start, end }) => body.subarray(start, end)))
  expect(frames).toHaveLength(captures[name])
  expect(Buffer.concat(frames)).toEqual(Buffer.concat(requests.map(({ body }) => body)))
})

test('a body is split only where a message begins', async () => {
  const { records, post } = subject()
  await post(`${line('one\n\tat a.b(C.java:1)\n<no message>')}${line('two')}<-1>1 2026-11-24T04:29:03Z h a p - - three`)
  const events = createDecoder().decode(records[0]!)
  expect(events.map(event => event.kind === 'log' && event.message)).toEqual([
    'one\n\tat a.b(C.java:1)\n<no message>',
    'two',
    'three'
  ])
})

test('the same POST has the same id, another one another', async () => {
  const { records, post } = subject()
  await post(line('a'))
  await post(line('a'))
  await post(line('b'))
  const [first, again, other] = records.map(({ idText }) => idText)
  expect(first).toBe(again)
  expect(other).not.toBe(first)
})

test('a body without a time has an id of its own each time', async () => {
  const { records, post } = subject()
  await post('no syslog')
  await post('no syslog')
  expect(records[0]!.idText).not.toBe(records[1]!.idText)
})

test('both readings of a percent-encoded password are right, others are not', () => {
  const { drain } = subject({ user: 'user', password: 'p@ss' })
  expect(drain.authorized(basic('user:p%40ss'))).toBe(true)
  expect(drain.authorized(basic('user:p@ss'))).toBe(true)
  for (const wrong of [undefined, basic('user:pass'), basic('other:p@ss'), 'Bearer p@ss', 'Basic', basic('%')]) {
    expect(drain.authorized(wrong)).toBe(false)
  }
})

test('what the journal does not take is answered 503', async () => {
  const { post, drain } = subject({ refuse: new CulvertError('JOURNAL_FULL', 'full', { retryable: true }) })
  expect(await post(line('a'))).toBe(503)
  expect(drain.status('http')).toMatchObject({ frames: 0, problems: { not_stored: 1 } })
})

test('an empty body is counted and answered 204', async () => {
  const { post, drain, records } = subject()
  expect(await post('')).toBe(204)
  expect(await post('\n \r\n\0')).toBe(204)
  expect(records).toEqual([])
  expect(drain.status('http').problems).toEqual({ empty: 2 })
})

test('a message beyond the limit is cut and marked, its neighbours are whole', async () => {
  const { post, records } = subject({ maxFrameBytes: 1024 })
  await post(`${line('before')}${line('x'.repeat(5000))}${line('after')}`)
  const [before, cut, after] = createDecoder().decode(records[0]!)
  expect([before!.marks, cut!.marks, after!.marks]).toEqual([[], ['truncated'], []])
  expect(cut!.byteLength).toBe(1024)
})

test('with partitions an app’s messages stay together, under one id with parts', async () => {
  const { post, records } = subject({ partitions: 4 })
  await post(Array.from({ length: 40 }, (_, i) => line(`${i}`, `app-${i % 10}`)).join(''))
  expect(records.reduce((sum, { frameCount }) => sum + frameCount, 0)).toBe(40)
  expect(records.length).toBeGreaterThan(1)
  expect(new Set(records.map(({ id }) => id.subarray(0, 19).toString('hex'))).size).toBe(1)
  const partitions = new Map<string, number>()
  for (const record of records)
    for (const { source } of createDecoder().decode(record)) {
      expect(partitions.get(source.id) ?? record.partition).toBe(record.partition)
      partitions.set(source.id, record.partition)
    }
})

test('a body whose frames fill more than one record becomes several, with the same ids each time', async () => {
  const body = Buffer.from('<1>1 x\n'.repeat(1_200_000))
  const parts = dealOut(body, splitBody(body), 1, 131_072)
  expect(parts.map(({ partition, part }) => [partition, part])).toEqual([
    [0, 0],
    [0, 1]
  ])
  expect(parts.reduce((sum, { frames }) => sum + frames.length, 0)).toBe(1_200_000)
  for (const part of parts) expect(recordBytes(part)).toBeLessThanOrEqual(maxRecordBytes)
})

test('parts are numbered so that no two partitions share a number', () => {
  const body = Buffer.from(Array.from({ length: 40 }, (_, i) => line(`${i}`, `app-${i % 10}`)).join(''))
  const parts = dealOut(body, splitBody(body), 3, 131_072, 600)
  expect(new Set(parts.map(({ part }) => part)).size).toBe(parts.length)
  expect(parts.every(({ partition, part }) => part % 3 === partition)).toBe(true)
  expect(parts.length).toBeGreaterThan(6)
})

test('where lanes decide, a POST waits for the end of each of its records, and is counted while it does', async () => {
  const asked: unknown[] = []
  const answer = Promise.withResolvers<void>()
  const until: Delivered['until'] = (ends, since) => {
    asked.push(ends, since)
    return answer.promise
  }
  const { post, drain, records } = subject({ partitions: 4, delivered: { full: false, until } })
  const before = performance.now()
  const stored = await post(Array.from({ length: 40 }, (_, i) => line(`${i}`, `app-${i}`)).join(''))
  if (typeof stored === 'number') throw new Error(`answered ${stored}`)
  const done = drain.delivered(stored, new AbortController().signal)
  const ends = records.map(({ partition, nextPosition }) => ({ partition, offset: nextPosition }))
  expect(ends.length).toBeGreaterThan(1)
  expect(asked).toEqual([ends, expect.any(Number)])
  expect(stored.since).toBeGreaterThanOrEqual(before)
  expect(drain.status('http')).toMatchObject({ frames: 40, waiting: 1 })
  answer.resolve()
  await done
  expect(drain.status('http')).toMatchObject({ problems: {}, waiting: 0 })
})

test('what is not delivered is counted, and where its sender has gone, that', async () => {
  const until = () => Promise.reject(new CulvertError('NOT_DELIVERED', 'late'))
  const { post, drain } = subject({ delivered: { full: false, until } })
  for (const gone of [new AbortController().signal, AbortSignal.abort()]) {
    const stored = await post(line('a'))
    if (typeof stored === 'number') throw new Error(`answered ${stored}`)
    await expect(drain.delivered(stored, gone)).rejects.toMatchObject({ code: 'NOT_DELIVERED' })
  }
  expect(drain.status('http')).toMatchObject({ problems: { not_delivered: 1, aborted: 1 }, waiting: 0 })
})

test('where too many wait already, nothing is stored', async () => {
  const { post, drain, records } = subject({ delivered: { full: true, until: async () => {} } })
  expect([await post(line('a')), records, drain.status('http').problems]).toEqual([503, [], { not_delivered: 1 }])
})

test('a stop waits for what the journal has begun, and nothing more is taken', async () => {
  const written = Promise.withResolvers<void>()
  const drain = createHttpsDrain({ journal: { append: () => written.promise }, partitions: 1, maxFrameBytes: 131_072 })
  const post = () => drain.handle({ target: '/', body: Buffer.from(line('a')), listener: 'http' })
  const events: unknown[] = []
  const first = post().then(status => events.push(status))
  const stopped = drain.stop().then(() => events.push('stopped'))
  events.push(await post())
  written.resolve()
  await Promise.all([first, stopped])
  expect(events.toSorted()).toEqual([204, 503, 'stopped'])
  expect(events[0]).toBe(503)
  expect(drain.status('http').problems).toEqual({ stopped: 1 })
})
