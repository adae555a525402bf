import { expect, test } from 'vitest'
import { around, rangeOf } from '../../src/console/search/time-range.ts'

const now = Date.parse('2026-11-24T12:00:00Z')

test('a preset looks back from now, the last hour where there is none', () => {
  expect(rangeOf({ range: '15m' }, now)).toEqual({ from: now - 900_000 })
  expect(rangeOf({}, now)).toEqual({ from: now - 3_600_000 })
  expect(rangeOf({ range: 'century' }, now)).toEqual({ from: now - 3_600_000 })
  expect(rangeOf({ range: 'all' }, now)).toEqual({})
})

test('two times of one’s own go before a preset; one of them is enough, one that is none does not count', () => {
  expect(rangeOf({ from: '2026-11-24T10:00:00Z', to: 'x', range: '7d' }, now)).toEqual({ from: now - 7_200_000 })
  expect(rangeOf({ to: '2026-11-24T12:00:00Z' }, now)).toEqual({ to: now })
})

test('around a time of nine digits', () => {
  expect(around('2026-11-24T11:59:30.500942001Z', 30_000)).toEqual({
    from: '2026-11-24T11:59:00.500Z',
    to: '2026-11-24T12:00:00.500Z'
  })
})
