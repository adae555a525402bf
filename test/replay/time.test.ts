import { expect, test } from 'vitest'
import { parseTime } from '../../src/replay/time.ts'

const now = Date.UTC(2026, 10, 24, 15, 30)
const noon = Date.UTC(2026, 10, 24, 12)
const local = (...parts: [number, number, number, number?, number?, number?]) => new Date(...parts).getTime()

test.each([
  ['2026-11-24T12:00:00Z', noon],
  ['2026-11-24T12:00Z', noon],
  ['2026-11-24 12:00z', noon],
  ['2026-11-24T13:00:00+01:00', noon],
  ['2026-11-24T13:00+0100', noon],
  ['2026-11-24T06:30-05:30', noon],
  ['2026-11-24T12:00:00.25Z', noon + 250],
  ['2026-11-24T12:00:00.123456789Z', noon + 123],
  ['2026-11-24 12:00', local(2026, 10, 24, 12)],
  ['2026-11-24T12:00:30', local(2026, 10, 24, 12, 0, 30)],
  ['2026-11-24', local(2026, 10, 24)],
  [' 2h ', now - 7_200_000],
  ['2h ago', now - 7_200_000],
  ['90 m ago', now - 5_400_000],
  ['now', now]
])('%s is a time', (text, time) => {
  expect(parseTime(text, now)).toBe(time)
})

test.each([
  '',
  'yesterday',
  '12:00',
  '2026-13-01',
  '2026-02-30',
  '2026-11-24T24:00Z',
  '2026-11-24T12:60Z',
  '2026-11-24T12:00:60Z',
  '2026-11-24T12:00+24:00',
  '2026-11-24Z',
  '24.11.2026',
  '2',
  '2 fortnights ago'
])('%s is none', text => {
  expect(parseTime(text, now)).toBeUndefined()
})
