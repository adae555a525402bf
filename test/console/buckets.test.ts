import { expect, test } from 'vitest'
import { bucketed, stacked } from '../../src/console/chart/buckets.ts'

test('means of whole buckets that stand on multiples of their width', () => {
  expect(bucketed(101_000, [[9, 2, 4, 6, 8, 10]], 2, 900)).toEqual({
    times: [102, 104, 106],
    series: [[3, 7, 10]],
    newest: 1
  })
})

test('only the newest seconds', () => {
  expect(bucketed(0, [[1, 1, 1, 1, 2, 2, 3, 3]], 2, 4)).toEqual({ times: [4, 6], series: [[2, 3]], newest: 1 })
})

test('a series that was never seen is 0', () => {
  expect(bucketed(0, [[1, 3], []], 2, 900)).toEqual({ times: [0], series: [[2], [0]], newest: 0 })
  expect(bucketed(0, [], 2, 900)).toEqual({ times: [], series: [], newest: -1 })
})

test('stacked are running sums', () => {
  expect(
    stacked([
      [1, 2],
      [3, 4],
      [0, 5]
    ])
  ).toEqual([
    [1, 2],
    [4, 6],
    [4, 11]
  ])
})
