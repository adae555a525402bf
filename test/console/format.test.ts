import { describe, expect, test } from 'vitest'
import {
  formatAgo,
  formatBytes,
  formatClock,
  formatCount,
  formatDuration,
  formatRate,
  formatShort,
  formatValue,
  plural
} from '../../src/console/format.ts'

test('counts have all their digits, chart values three', () => {
  expect([formatCount(1234567), formatShort(1234567), formatShort(0.25), formatShort(0)]).toEqual([
    '1,234,567',
    '1.23M',
    '0.25',
    '0'
  ])
})

test('rates have a digit after the point only while it says something', () => {
  expect([0, 0.25, 3.84, 88.4, 12_345].map(formatRate)).toEqual(['0', '0.3', '3.8', '88', '12.3K'])
})

test('bytes are in binary units', () => {
  expect([0, 999, 1024, 1_500_000, 10 * 2 ** 30].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1 KiB',
    '1.43 MiB',
    '10 GiB'
  ])
})

test('durations name their two largest units', () => {
  expect([0.067, 340, 4200, 59_000, 720_000, 11_100_000, 187_200_000].map(formatDuration)).toEqual([
    '0.067 ms',
    '340 ms',
    '4.2 s',
    '59 s',
    '12 min',
    '3 h 5 min',
    '2 d 4 h'
  ])
})

test('a clock has milliseconds, and a time that is none stays as it is', () => {
  expect(formatClock('2026-11-24T04:29:03.785942001Z')).toMatch(/^\d\d:\d\d:03\.785$/)
  expect(formatClock('yesterday')).toBe('yesterday')
})

test('ages are whole seconds', () => {
  expect([formatAgo(10_000, 10_400), formatAgo(10_000, 12_900)]).toEqual(['now', '2 s ago'])
})

test('one is not a plural', () => {
  expect([plural(1, 'line'), plural(0, 'line'), plural(2000, 'line')]).toEqual(['1 line', '0 lines', '2,000 lines'])
})

describe('a metric’s value follows the unit that the platform gave', () => {
  test.each([
    [1073741824, 'bytes', '1 GiB'],
    [12.345, 'percentage', '12.3 %'],
    [90e9, 'nanoseconds', '1 min'],
    [12, 'ms', '12 ms'],
    [2048, 'bytes/second', '2 KiB/s'],
    [2048, 'B/s', '2 KiB/s'],
    [12345, '', '12.3K'],
    [3, 'requests', '3 requests']
  ])('%s %s', (value, unit, text) => {
    expect(formatValue(value, unit)).toBe(text)
  })
})
