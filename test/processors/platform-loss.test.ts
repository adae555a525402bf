import { expect, test } from 'vitest'
import { lossReportOf } from '../../processors/platform-loss.ts'
import { isLog } from '../../src/core/event.ts'
import { captures, framesOf, syslogCaptures } from '../cases/captures.ts'
import { goldenCases } from '../cases/golden.ts'
import { eventsOf } from '../sinks/wire-events.ts'

const reportsOf = (frames: readonly (string | Buffer)[]) =>
  eventsOf(frames).flatMap(event => (isLog(event) ? [lossReportOf(event) ?? null] : []))

test.each(goldenCases('platform-loss'))('$name', ({ input, expected }) => {
  const [report] = reportsOf([input])
  expect(report).toEqual(expected(report))
})

test.each(syslogCaptures)('no line of %s reports a loss', name => {
  expect(Object.keys(captures)).toContain(name)
  expect(reportsOf(framesOf(name)).filter(report => report !== null)).toEqual([])
})

test('a line of LGR that is longer than any of the platform is left alone', () => {
  const line = (padding: number) =>
    `<11>1 2026-11-24T04:29:03.785942+00:00 o.s.a a [LGR/0] - - 7 messages lost in user provided syslog drain${' '.repeat(padding)}\n`
  expect(reportsOf([line(4000), line(4100)])).toEqual([{ kind: 'drain', lost: 7 }, null])
})
