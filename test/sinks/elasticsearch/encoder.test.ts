import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { documentOf } from '../../../sinks/elasticsearch/document.ts'
import { createBulkEncoder } from '../../../sinks/elasticsearch/encoder.ts'
import type { Event, LogEvent, PlatformEvent } from '../../../src/core/event.ts'
import { anyCharacter } from '../../any-character.ts'
import { framesOf, syslogCaptures } from '../../cases/captures.ts'
import { hasEqualKeys } from '../../cases/equal-keys.ts'
import { goldenCases } from '../../cases/golden.ts'
import { appLine, eventsOf } from '../wire-events.ts'

const isDocumentEvent = (event: Event): event is LogEvent | PlatformEvent =>
  event.kind === 'log' || event.kind === 'event'
const encoder = createBulkEncoder()

/** Every line of the body, parsed: each must be one JSON text without two equal keys. */
function encoded(events: readonly Event[]) {
  const lines = encoder.encode(events).toString().split('\n')
  expect(lines.pop()).toBe('')
  expect(lines.filter(hasEqualKeys)).toEqual([])
  return lines.map(line => JSON.parse(line))
}

/** The byte path and the document's definition agree. */
function expectSame(frames: readonly (string | Buffer)[]): void {
  const events = eventsOf(frames).filter(isDocumentEvent)
  const wanted = events.flatMap(event => [{ create: { _id: event.id } }, JSON.parse(JSON.stringify(documentOf(event)))])
  expect(encoded(events)).toEqual(wanted)
}

const routerLine = (line: string): string => `<14>1 2026-11-24T04:29:03.785942+00:00 o.s.a app [RTR/0] - - ${line}\n`
const access = (request: string, rest: string): string =>
  routerLine(`a.example.com - [2026-11-24T04:00:00.789012345Z] "${request}" ${rest}`)

describe('the bytes are the document', () => {
  test.each(syslogCaptures)('of every frame of %s', name => expectSame(framesOf(name)))
  test.each(goldenCases('app-json'))('of the app’s line $name', ({ input }) => expectSame([input]))
  test.each(goldenCases('router-log'))('of the access line $name', ({ input }) => expectSame([input]))
  test.each(goldenCases('rfc5424'))('of $name', ({ input }) => expectSame([input]))

  test.each([
    'HELO/1.1" 200 0 0',
    'HTTP/1.1" 200 "" ""',
    'HTTP/1.1" "" 0 0',
    'HTTP/1.1" 200 0 0 gorouter_time:""',
    'HTTP/1.1" 200 0 0 response_time:""',
    'HTTP/1.1" 200 0 0 response_time:1e300',
    'HTTP/1.1" 200 0 0 response_time:12345678.123457',
    'HTTP/1.1" 200 0 0 response_time:999999999999999'
  ])('of an access line with %s', line => expectSame([routerLine(`a.example.com - [x] "GET / ${line}`)]))

  test.each(['\u00a0', '\u3000', '\ufeff'])('of a number under a key that is blank: %j', key =>
    expectSame([appLine(JSON.stringify({ n: 1, [key]: 2, a: { [key]: { b: 3 } } }))]))

  test.each([255, 256, 257])('of a number whose path has %i bytes', length =>
    expectSame([appLine(JSON.stringify({ ['a'.repeat(128)]: { ['b'.repeat(length - 129)]: 1 } }))]))

  test('of an object with many keys', () =>
    expectSame([appLine(JSON.stringify(Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`k${i}`, i]))))]))

  test('of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 60 }), text => expectSame([appLine(text)])),
      { numRuns: 150 }
    )
  })

  test('of any bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 80 })
    fc.assert(
      fc.property(bytes, text =>
        expectSame([Buffer.concat([Buffer.from(appLine('x').slice(0, -2)), text, Buffer.from('\n')])])
      ),
      { numRuns: 150 }
    )
  })

  test('of any JSON object', () => {
    const known = [
      'level',
      'message',
      'msg',
      'time',
      'timestamp',
      'ts',
      'trace_id',
      'span.id',
      'trace',
      'err',
      'error',
      'log'
    ]
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom<unknown>(
        'info',
        'WARN',
        50,
        1795494543785,
        '2026-11-24T04:29:03.785Z',
        '2026-02-30T04:29:03Z',
        '4bf92f3577b34da6',
        { id: 'abcdefgh' }
      )
    )
    const objects = fc.dictionary(fc.oneof(fc.constantFrom(...known), fc.string({ maxLength: 6 })), value, {
      maxKeys: 8
    })
    fc.assert(
      fc.property(objects, object => expectSame([appLine(JSON.stringify(object))])),
      { numRuns: 250 }
    )
  })

  test('of any access line', () => {
    const part = fc.oneof(
      fc.stringMatching(/^[!#-~]{0,12}$/),
      fc.constantFrom('-', '', '0', '007', '1.5', '10.0.0.1:80', '999.1.1.1:2', 'a\\"b')
    )
    const rest = fc
      .tuple(part, part, part, part, part, part, part)
      .map(
        ([status, size, agent, remote, key, a, b]) =>
          `${status || '0'} ${size || '0'} 12 "-" "${agent}" "${remote}" "10.0.0.9:1" response_time:${a || '0.1'} app_id:"${b}" k${key.replace(/[^a-z]/g, '')}:"${b}"`
      )
    fc.assert(
      fc.property(part, rest, (target, line) => expectSame([access(`GET /${target} HTTP/1.1`, line)])),
      { numRuns: 250 }
    )
  })
})

test('a batch from several records keeps order and ids', () => {
  const events = [...eventsOf([appLine('one'), appLine('{"message":"two","n":1}')]), ...eventsOf([appLine('three')])]
  const lines = encoded(events)
  expect(lines.filter((_, i) => i % 2 === 0).map(({ create }) => create._id)).toEqual(events.map(({ id }) => id))
  expect(lines.filter((_, i) => i % 2 === 1).map(({ message }) => message)).toEqual(['one', 'two', 'three'])
})

test('a line that grows six times fits', () => {
  const worst = '\u0001'.repeat(100_000)
  const [, document] = encoded(eventsOf([appLine(worst)]))
  expect(document.message).toBe(worst)
})

test('many numbers with long paths fit', () => {
  const key = 'k'.repeat(100)
  const numbers = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`${key}${i}`, i]))
  expectSame([appLine(JSON.stringify({ a: numbers }))])
})

test('metrics are no documents', () => {
  expect(encoded(eventsOf(framesOf('syslog-draindata-metrics')))).toEqual([])
})
