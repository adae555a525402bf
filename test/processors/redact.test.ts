import { expect, test } from 'vitest'
import { type RedactOptions, redact } from '../../processors/redact.ts'
import type { LogEvent } from '../../src/core/event.ts'
import { redactCases } from '../cases/redact.ts'
import { appLine, eventsOf } from '../sinks/wire-events.ts'

const routerLine = (text: string): string => `<14>1 2026-11-24T04:29:03.785942+00:00 o.s.a app [RTR/0] - - ${text}\n`
const frameOf = (text: string): string => (/^\S+ - \[/.test(text) ? routerLine(text) : appLine(text))

const logsOf = (lines: readonly (string | Buffer)[], options: RedactOptions = {}): LogEvent[] =>
  redact(options)
    .process(eventsOf(lines), 0)
    .filter(event => event.kind === 'log')

const redacted = (lines: readonly string[], options: RedactOptions): string[] =>
  logsOf(lines.map(frameOf), options).map(({ text }) => text)

test.each(redactCases(redacted))('$name', ({ input, expected, options }) => {
  const events = logsOf(input.map(frameOf), options)
  expect(events.map(({ text }) => text)).toEqual(expected)
  expect(events.map(({ marks }) => marks.includes('redacted'))).toEqual(input.map((line, i) => line !== expected[i]))
  // What JSON was is JSON, and nothing is left to be taken out.
  expect(events.map(({ detail }) => detail?.kind)).toEqual(
    eventsOf(input.map(frameOf)).map(event => event.kind === 'log' && event.detail?.kind)
  )
  expect(redacted(expected, options)).toEqual(expected)
})

test.each<[unknown, RegExp]>([
  [{ patterns: /x/ }, /patterns/],
  [{ detect: ['passport'] }, /detect/],
  [{ fields: ['pass word'] }, /fields/],
  [{ pattern: /x*/ }, /must not match the empty text/],
  [{ with: '' }, /with/]
])('options %o are refused by name', (options, words) => {
  expect(() => redact(options as RedactOptions)).toThrow(words)
})

test('what a processor wrote is searched too, and its level stays', () => {
  const given = eventsOf([appLine('user=jane password=x')]).map(event =>
    event.kind === 'log' ? event.with({ message: 'token=abc', level: 'fatal' }) : event
  )
  const [event] = redact().process(given, 0)
  expect(event).toMatchObject({ message: 'token=***', originalText: 'user=jane password=***', level: 'fatal' })
})

test('bytes that are no UTF-8 stay beside what is taken out', () => {
  const line = Buffer.concat([
    Buffer.from(appLine('x').slice(0, -2)),
    Buffer.from([0xff, 0xfe]),
    Buffer.from(' password=x \xe4\n')
  ])
  const [event] = logsOf([line], { with: '█' })
  expect(Buffer.from(event!.originalBase64!, 'base64')).toEqual(
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(' password=█ \xe4')])
  )
})
