import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSseParser } from '../../src/console/sse.ts'

const stream =
  'retry: 2000\n\n: still here\n\nevent: log\ndata: {"a":1}\n\nevent: log\r\ndata:one\r\ndata: two\r\n\r\ndata: plain\nid: 7\n\nevent: empty\n\n'
const events = [
  { event: 'log', data: '{"a":1}' },
  { event: 'log', data: 'one\ntwo' },
  { event: 'message', data: 'plain' }
]

test('events, comments, several data lines and CRLF', () => {
  expect(createSseParser().push(stream)).toEqual(events)
})

test('the stream may be cut anywhere', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), cuts => {
      const parser = createSseParser()
      const ends = [...cuts.sort((a, b) => a - b), stream.length]
      expect(ends.flatMap((end, index) => parser.push(stream.slice(ends[index - 1] ?? 0, end)))).toEqual(events)
    })
  )
})

test('an event without its blank line is not complete', () => {
  const parser = createSseParser()
  expect(parser.push('event: log\ndata: half\n')).toEqual([])
  expect(parser.push('\n')).toEqual([{ event: 'log', data: 'half' }])
})

test('neither a line nor an event grows without bound', () => {
  expect(() => createSseParser(10).push(`data: ${'x'.repeat(20)}`)).toThrow(RangeError)
  expect(() => createSseParser(10).push('data: 123456\ndata: 123456\n')).toThrow(RangeError)
})
