import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDecoder } from '../../processors/decode.ts'
import { allDetectors, detectorNames } from '../../processors/redact/detectors.ts'
import { redact } from '../../processors/redact.ts'
import { createBulkEncoder } from '../../sinks/elasticsearch/encoder.ts'
import { safeDocumentOf } from '../../sinks/elasticsearch/safe-form.ts'
import { encodeLines } from '../../sinks/influxdb/line-protocol.ts'
import { createPacker } from '../../sinks/local/batch.ts'
import type { Event } from '../../src/core/event.ts'
import { logRow, metricRow } from '../../src/core/plain.ts'
import { searchTextOf } from '../../src/core/search-text.ts'
import { anyCharacter } from '../any-character.ts'
import { appId, appLine, eventsOf } from '../sinks/wire-events.ts'

const jwt = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV'
/** A text with a secret in it, and what of it must be nowhere. */
const secrets: readonly (readonly [text: string, secret: string])[] = [
  ['https://bob:hunter2secret@api.example.com/x', 'hunter2secret'],
  ['Authorization: Bearer 2YotnFZFEjr1zCsicMWpAA', '2YotnFZFEjr1zCsicMWpAA'],
  ['Basic dXNlcjpwYXNzd29yZA==', 'dXNlcjpwYXNzd29yZA'],
  [jwt, jwt.slice(40, 70)],
  ['AKIAIOSFODNN7EXAMPLE', 'AKIAIOSFODNN7EXAMPLE'],
  ['AIzaSyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe', 'DaGmWKa4JsXZ'],
  ['ghp_abcdefghijklmnopqrstuvwxyz0123456789', 'abcdefghijklmnopqrstuvwxyz0123456789'],
  ['xoxb-123456789012-AbCdEfGhIjKlMnOp', 'AbCdEfGhIjKlMnOp'],
  ['-----BEGIN PRIVATE KEY-----MIIEvQIBADANBgkqhkiG9w0-----END PRIVATE KEY-----', 'MIIEvQIBADANBgkqhkiG9w0'],
  ['4111111111111111', '4111111111111111'],
  ['5500 0000 0000 0004', '5500 0000 0000 0004'],
  ['jane.doe@example.com', 'jane.doe'],
  ['password=hunter2secret', 'hunter2secret'],
  ["{ apiKey: 'hunter2secret' }", 'hunter2secret']
]

const safe = redact({ detect: detectorNames })
const syslog = (type: string, data: string, text: string): string =>
  `<14>1 2026-11-24T04:29:03.785942+00:00 o.s.a ${appId} [${type}/0] - ${data} ${text}\n`
const quoted = (text: string): string => text.replace(/["\\\]]/g, '\\$&')

/** Where a text with a secret may stand in a line. */
const places: readonly ((text: string) => string | Buffer)[] = [
  text => appLine(`before ${text} after`),
  text => appLine(`{"message":${JSON.stringify(text)},"level":"info"}`),
  text => appLine(`{"a":{"b":[1,${JSON.stringify(`x ${text} y`)}]},"n":1}`),
  text => appLine(`{"a":1,"a":${JSON.stringify(text)}}`),
  text => appLine(`{${JSON.stringify(text)}:1,"message":"m"}`),
  text =>
    appLine(`{"err":{"type":"E","message":${JSON.stringify(text)},"stack":${JSON.stringify(`at ${text}\n at b`)}}}`),
  text => appLine(JSON.stringify({ body: JSON.stringify({ inner: text }) })),
  text =>
    appLine(
      `{"trace_id":${JSON.stringify(text)},"time":${JSON.stringify(text)},"log":{"level":${JSON.stringify(text)}}}`
    ),
  text =>
    appLine(`{"msg":${JSON.stringify(text).replace(/[a-zA-Z@:=]/g, c => `\\u00${c.charCodeAt(0).toString(16)}`)}}`),
  text => appLine(`${'{"a":'.repeat(22)}${JSON.stringify(text)}${'}'.repeat(22)}`),
  text =>
    syslog(
      'RTR',
      '-',
      `a.example.com - [2026-11-24T04:00:00Z] "GET /${encodeURI(text).includes('%') ? 'x' : text} HTTP/1.1" 200 0 6 ${JSON.stringify(text)} "ua ${text.replaceAll('"', '')}" k:${JSON.stringify(text)}`
    ),
  text =>
    Buffer.concat([Buffer.from(appLine('x').slice(0, -2)), Buffer.from([0xff, 0x20]), Buffer.from(`${text} \0 end\n`)]),
  text => `no syslog at all ${text} end`,
  text => syslog('APP', `[tags@47450 app_name="a" note="${quoted(text)}"]`, 'plain'),
  text => syslog('APP', `[event@47450 title="${quoted(text)}" body="b ${quoted(text)}"]`, ''),
  text => syslog('APP', `[gauge@47450 name="n" value="1" unit="u"][tags@47450 note="${quoted(text)}"]`, ''),
  text =>
    syslog(
      'APP',
      `[timer@47450 name="n" start="1" stop="2"][tags@47450 note="${quoted(text)}" uri="${quoted(text)}"]`,
      ''
    )
]

/** All that any sink, the tail or a search sees of events. */
function seen(events: readonly Event[]): string {
  const pack = createPacker()
  return [
    createBulkEncoder().encode(events).toString(),
    encodeLines(events).body,
    JSON.stringify(pack(events, undefined)),
    ...events.map(event => JSON.stringify([logRow(event), metricRow(event)?.source, event.source])),
    ...events.flatMap(event =>
      event.kind === 'log' || event.kind === 'event'
        ? [JSON.stringify(safeDocumentOf(event, 'refused')), searchTextOf(event)]
        : []
    ),
    ...events.flatMap(event =>
      event.kind === 'log'
        ? [event.originalText, Buffer.from(event.originalBase64 ?? '', 'base64').toString('latin1')]
        : []
    )
  ].join('\n')
}

const flat = (text: string): string => text.replaceAll('\\', '')

test.each(secrets)('of %s nothing is left anywhere', (text, secret) => {
  for (const [index, place] of places.entries()) {
    const given = eventsOf([place(text)])
    expect(flat(seen(given)).includes(secret) || index === 8, `place ${index} has it before`).toBe(true)
    const left = safe.process(given, 0)
    expect(flat(seen(left)).includes(secret), `place ${index}: ${seen(left).slice(0, 2000)}`).toBe(false)
    expect(left.map(({ id, marks }) => [id, marks.includes('redacted')])).toEqual(given.map(({ id }) => [id, true]))
  }
})

const pieces = fc.oneof(
  fc.constantFrom(...secrets.map(([text]) => text)),
  fc.constantFrom(
    '"',
    '\\',
    "'",
    '{',
    '}',
    '[',
    ']',
    ':',
    '=',
    ', ',
    ' ',
    '\\n',
    '\\"',
    '@',
    '://',
    '-----BEGIN ',
    'key',
    '\\u00',
    '\\u0040',
    '1234',
    '-'
  ),
  fc.string({ unit: anyCharacter, maxLength: 8 })
)
const texts = fc.array(pieces, { maxLength: 8 }).map(parts => parts.join(''))
const bodies = fc.oneof(
  texts,
  texts.map(text => JSON.stringify({ message: text })),
  fc
    .tuple(texts, fc.jsonValue({ maxDepth: 2 }))
    .map(([key, value]) => JSON.stringify({ [key]: value, password: value }))
)

test('looking only at lines that may have a secret gives what looking at all of them gives', () => {
  // A message that a processor made is searched by all detectors.
  const searchAll = (lines: readonly string[]): readonly Event[] =>
    eventsOf(lines).flatMap(event =>
      event.kind === 'log' ? safe.process([event.with({ message: event.text, detail: undefined })], 0) : [event]
    )
  fc.assert(
    fc.property(fc.array(bodies, { minLength: 1, maxLength: 6 }), given => {
      const lines = given.map(text => appLine(text.replaceAll('\n', ' ')))
      const quick = safe.process(eventsOf(lines), 0)
      expect(quick.map(event => event.kind === 'log' && event.text)).toEqual(
        searchAll(lines).map(event => event.kind === 'log' && event.text)
      )
    }),
    { numRuns: 400 }
  )
})

test('secrets are found in long lines and among many', () => {
  const lines = Array.from({ length: 3000 }, (_, i) => {
    const [text] = secrets[i % secrets.length]!
    const before = 'all is well '.repeat(i % 1000 === 0 ? 10_000 : i % 60)
    return i % 3 === 0 ? before + text : `${before}${i}`
  })
  const left = safe.process(eventsOf(lines.map(line => appLine(line))), 0)
  expect(left.map(({ marks }) => marks.includes('redacted'))).toEqual(lines.map((_, i) => i % 3 === 0))
})

test('lines that are JSON stay JSON', () => {
  fc.assert(
    fc.property(texts, fc.jsonValue({ maxDepth: 3 }), (text, value) => {
      const [event] = safe.process(eventsOf([appLine(JSON.stringify({ a: [text, value], token: value, n: 1 }))]), 0)
      const left = event?.kind === 'log' ? JSON.parse(event.text) : undefined
      expect([left.n, left.token === null || left.token === '' || left.token === '***']).toEqual([1, true])
    }),
    { numRuns: 200 }
  )
})

test('lines without secrets are the same events, and so are metrics', () => {
  const given = eventsOf([
    appLine('plain'),
    appLine('{"message":"x","n":1}'),
    syslog('APP', '[gauge@47450 name="n" value="1" unit="u"]', '')
  ])
  const left = redact().process(given, 0)
  for (const [index, event] of given.entries()) expect(left[index]).toBe(event)
})

test('a line that has no end and wants to be searched for ever is not', () => {
  const parts = [
    ...secrets.map(([text]) => text),
    ...[
      'a',
      '1',
      ' ',
      '"',
      '\\',
      "'",
      '{',
      '[',
      '@',
      'a@',
      ':',
      '://',
      '://a:',
      'eyJ',
      'eyJa.',
      'key',
      'key=',
      'key="',
      'ken ',
      'AKIA'
    ],
    ...[
      '-----BEGIN PRIVATE KEY-----',
      '-----END ',
      'Bearer ',
      'Basic a',
      'Authorization:',
      '4111 ',
      '41111111-',
      'xox',
      'gh_',
      '\\u00',
      'a.',
      '1.'
    ]
  ]
  const longest = 2 ** 18
  for (const part of parts) {
    const text = part.repeat(Math.ceil(longest / part.length))
    const frames = [appLine(text), appLine(`{"message":${JSON.stringify(text)}}`)].map(line => Buffer.from(line))
    expect(safe.process(createDecoder().decode(eventsOf(frames)[0]!.record), 0)).toHaveLength(2)
  }
})

test('every detector has needles, or is the one of digits', () => {
  expect(allDetectors.filter(({ needles }) => needles.length === 0).map(({ name }) => name)).toEqual(['card'])
})
