import { describe, expect, test } from 'vitest'
import { createDecoder } from '../../processors/decode.ts'
import { captures, framesOf, syslogCaptures } from '../cases/captures.ts'
import { asJson, goldenCases } from '../cases/golden.ts'
import { recordOf } from '../sinks/wire-events.ts'
import { shown } from './events.ts'

const decode = (...frames: (string | Buffer)[]) => createDecoder().decode(recordOf(frames))
const line = (text: string, time = '2026-11-24T04:29:03.785942+00:00') =>
  `<14>1 ${time} o.s.a app [APP/PROC/WEB/0] - - ${text}\n`

describe('RFC 5424 as the agent writes it, and leniently', () => {
  test.each(goldenCases('rfc5424'))('$name', ({ input, expected }) => {
    const actual = asJson(decode(input).map(shown)[0])
    expect(actual).toEqual(expected(actual))
  })
})

test('NUL bytes and broken UTF-8 are marked where they are, and kept', () => {
  const broken = Buffer.concat([Buffer.from(line('x').slice(0, -2)), Buffer.from([0xff, 0x00]), Buffer.from('\n')])
  const events = decode(line('clean'), line('a\0b'), broken, line('clean'))
  expect(events.map(({ marks }) => marks)).toEqual([[], ['nul'], ['not_utf8', 'nul'], []])
  expect(events[1]).toMatchObject({ message: 'a\0b' })
})

test.each(syslogCaptures)('every frame of %s becomes a parsed event', name => {
  const events = decode(...framesOf(name))
  expect(events.filter(({ marks }) => marks.includes('unparsed'))).toEqual([])
  expect(events).toHaveLength(captures[name])
})

test('every kind of envelope is there, typed', () => {
  const kinds = decode(...framesOf('syslog-all')).map(({ kind }) => kind)
  const count = (kind: string) => kinds.filter(other => other === kind).length
  expect({
    log: count('log'),
    gauge: count('gauge'),
    counter: count('counter'),
    timer: count('timer'),
    event: count('event')
  }).toEqual({ log: 16, gauge: 12, counter: 1, timer: 1, event: 1 })
})

test('the last second that can be told is not longer than it is', () => {
  const times = ['2255-06-05T23:47:34.740991+00:00', '2255-06-05T23:47:34.740992+00:00']
  expect(decode(...times.map(time => line('x', time))).map(({ marks }) => marks)).toEqual([[], ['time_out_of_range']])
})

test('lines of one source share one object', () => {
  const [a, b, other] = decode(
    line('one'),
    line('two'),
    '<14>1 2026-11-24T04:29:03Z o.s.a app [APP/PROC/WEB/1] - - x\n'
  )
  expect(a!.source).toBe(b!.source)
  expect(other!.source).not.toBe(a!.source)
})

test('equal microseconds are told apart in any order of times', () => {
  const times = Array.from({ length: 100 }, (_, i) => `2026-11-24T04:29:03.785${String(900 - i)}+00:00`)
  const events = decode(...[...times, ...times, ...times].map(time => line('x', time)))
  expect(events.map(({ tieBreak }) => tieBreak)).toEqual([0, 1, 2].flatMap(count => times.map(() => count)))
})

test('equal microseconds are told apart while the table of sources is renewed', () => {
  const from = (host: string, text: string, micros = 2) =>
    `<14>1 2026-11-24T04:29:03.78594${micros}+00:00 ${host} a b - - ${text}`
  // Whether a short source is found among the recent ones depends on the text too.
  const before = [from('h', 'one'), from('i', 'one')]
  const after = [from('j', 'one'), from('h', 'two', 3), from('h', 'one', 3), from('h', 'two', 3)]
  const events = createDecoder({ maxSources: 4 }).decode(recordOf([...before, ...after]))
  expect(events.map(({ tieBreak }) => tieBreak)).toEqual([0, 0, 0, 0, 1, 2])
})

test('equal microseconds of one source are told apart by the digits that the platform leaves free', () => {
  const later = '2026-11-24T04:29:03.785943+00:00'
  const times = decode(line('a'), line('b'), line('c', later), line('late'), line('d', later)).map(
    ({ timestamp }) => timestamp
  )
  expect(times).toEqual([
    '2026-11-24T04:29:03.785942000Z',
    '2026-11-24T04:29:03.785942001Z',
    '2026-11-24T04:29:03.785943000Z',
    '2026-11-24T04:29:03.785942002Z',
    '2026-11-24T04:29:03.785943001Z'
  ])
})

test('a tie-break counts within its record and source only', () => {
  const decoder = createDecoder()
  const other = '<14>1 2026-11-24T04:29:03.785942+00:00 o.s.a app [APP/PROC/WEB/7] - - x\n'
  const ties = [recordOf([line('a'), other, line('b')]), recordOf([line('c')])].flatMap(record =>
    decoder.decode(record).map(({ tieBreak }) => tieBreak)
  )
  expect(ties).toEqual([0, 0, 1, 0])
})

test('an id is the record’s and the frame’s place, and sorts by time', () => {
  const record = recordOf([line('a'), line('b')])
  const [a, b] = createDecoder().decode(record)
  expect(a!.id).toHaveLength(32)
  expect(b!.id.slice(0, 28)).toBe(a!.id.slice(0, 28))
  const bytes = Buffer.from(b!.id, 'base64url')
  expect(bytes.subarray(0, 21)).toEqual(record.id)
  expect(bytes.readUIntBE(21, 3)).toBe(record.frameStart(1))
})

test('sources are bounded and come back', () => {
  const decoder = createDecoder({ maxSources: 100 })
  const from = (i: number) => recordOf([`<14>1 2026-11-24T04:29:03Z o.s.a app [APP/${i}] - - x\n`])
  for (let i = 0; i < 1000; i++) decoder.decode(from(i))
  expect(decoder.sources).toBeLessThanOrEqual(100)
  expect(decoder.decode(from(3))[0]!.source.instance).toBe('3')
})

test('timers do not push other sources out: their tags hold a request each', () => {
  const decoder = createDecoder()
  const timer = (i: number) =>
    `<14>1 2026-11-24T04:29:03Z o.s.a app [0] - [timer@47450 name="http" start="1" stop="2"][tags@47450 request_id="${i}"] \n`
  const events = decoder.decode(recordOf([timer(1), timer(2)]))
  expect(events.map(({ source }) => source.tags.request_id)).toEqual(['1', '2'])
  expect(decoder.sources).toBe(0)
})

test('a frame on which the decoder fails is kept whole and marked, and the others are decoded', () => {
  const record = recordOf([line('one'), line('two', 'nonsense'), line('three')])
  const { receiptTime } = record
  let failures = 2
  Object.defineProperty(record, 'receiptTime', {
    get() {
      if (failures-- > 0) throw new TypeError('a bug')
      return receiptTime
    }
  })
  const events = createDecoder().decode(record)
  expect(events.map(event => event.kind === 'log' && [event.marks, event.problem])).toEqual([
    [[], undefined],
    [['unparsed'], 'could not be decoded: a bug'],
    [[], undefined]
  ])
  expect(events[1]).toMatchObject({ text: expect.stringContaining(line('two', 'nonsense').trimEnd()) })
})

test('sources with long tags are bounded by their bytes', () => {
  const decoder = createDecoder()
  const tags = 'x'.repeat(100_000)
  for (let i = 0; i < 1000; i++)
    decoder.decode(recordOf([`<14>1 2026-11-24T04:29:03Z h a [APP/${i}] - [a b="${tags}"] x\n`]))
  expect(decoder.sources).toBeLessThan(700)
})
