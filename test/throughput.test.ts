import { expect, test } from 'vitest'
import { createThroughput } from '../src/throughput.ts'

test('a rate is the mean of the last ten seconds', () => {
  const throughput = createThroughput()
  expect(throughput.perSecond('a')).toBe(0)
  throughput.sample([['a', 100]], 0)
  expect(throughput.perSecond('a')).toBe(0)
  throughput.sample([['a', 300]], 1000)
  expect(throughput.perSecond('a')).toBe(200)
  for (let second = 2; second <= 30; second++) throughput.sample([['a', 300 + second]], second * 1000)
  expect(throughput.perSecond('a')).toBe(1)
})

test('a total that falls begins anew, and names are apart', () => {
  const throughput = createThroughput()
  const sample = (a: number, b: number, now: number) =>
    throughput.sample(
      [
        ['a', a],
        ['b', b]
      ],
      now
    )
  sample(1000, 0, 0)
  sample(10, 5, 1000)
  expect([throughput.perSecond('a'), throughput.perSecond('b')]).toEqual([0, 5])
  sample(30, 10, 2000)
  expect([throughput.perSecond('a'), throughput.perSecond('b')]).toEqual([20, 5])
})
