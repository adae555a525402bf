import { expect, test } from 'vitest'
import { formatBytes, formatDuration, parseBytes, parseDuration, roundBytes } from '../../src/core/quantities.ts'

test.each([
  ['10 GiB', 10 * 2 ** 30],
  ['4MiB', 4 * 2 ** 20],
  ['128 kib', 128 * 2 ** 10],
  ['1.5 GB', 15e8],
  ['0', 0],
  [' 512 ', 512]
])('%o is a size of %d bytes', (text, bytes) => expect(parseBytes(text)).toBe(bytes))

test.each([
  '',
  'GiB',
  '10 GiBs',
  '-1',
  '1e9',
  '10 m',
  '1,5 GB',
  'constructor',
  '1 constructor',
  '9999999999999 TiB'
])('%o is no size', text => expect(parseBytes(text)).toBeUndefined())

test.each([
  ['15m', 900_000],
  ['500 ms', 500],
  ['1.5h', 5_400_000],
  ['7d', 604_800_000],
  ['0s', 0]
])('%o is a time of %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms))

test.each(['', '15', 'm', '-1s', '15 minutes', '1h30m', '10 GiB'])('%o is no time', text =>
  expect(parseDuration(text)).toBeUndefined())

test('the largest unit that says it exactly', () => {
  expect([131_072, 10 * 2 ** 30, 1000, 1536, 0].map(formatBytes)).toEqual([
    '128 KiB',
    '10 GiB',
    '1000 B',
    '1536 B',
    '0 B'
  ])
  expect([900_000, 86_400_000, 1500, 0, 120_000].map(formatDuration)).toEqual(['15m', '1d', '1500ms', '0ms', '2m'])
})

test('bytes with three digits, for people', () => {
  const sizes = [0, 999, 1024, 64_887_182, 64 * 2 ** 20, 10 * 2 ** 30]
  expect(sizes.map(roundBytes)).toEqual(['0 B', '999 B', '1 KiB', '61.9 MiB', '64 MiB', '10 GiB'])
})
