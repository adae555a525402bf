import { expect, test } from 'vitest'
import { repertoire, scheduleOf } from './schedule.ts'

const threeMinutes = 180_000
const seeds = Array.from({ length: 200 }, (_, i) => i * 7_654_321)

test('the same seed gives the same faults, another one others', () => {
  expect(scheduleOf(5, threeMinutes)).toEqual(scheduleOf(5, threeMinutes))
  expect(scheduleOf(5, threeMinutes)).not.toEqual(scheduleOf(6, threeMinutes))
})

test('at least fifty faults in three minutes, in order, all within them', () => {
  for (const seed of seeds) {
    const times = scheduleOf(seed, threeMinutes).map(({ at }) => at)
    expect(times.length, `seed ${seed}`).toBeGreaterThanOrEqual(50)
    expect(times, `seed ${seed}`).toEqual(times.toSorted((a, b) => a - b))
    expect(times.at(-1), `seed ${seed}`).toBeLessThan(threeMinutes)
  }
})

test('everything that can happen does in six minutes', () => {
  const all = Object.entries(repertoire).flatMap(([target, actions]) =>
    Object.keys(actions).map(action => `${target}: ${action}`)
  )
  for (const seed of seeds) {
    const happened = new Set(scheduleOf(seed, 2 * threeMinutes).map(({ target, action }) => `${target}: ${action}`))
    expect(
      all.filter(one => !happened.has(one)),
      `seed ${seed}`
    ).toEqual([])
  }
})

test('a longer run has more faults', () => {
  expect(scheduleOf(5, 10 * threeMinutes).length).toBeGreaterThan(9 * scheduleOf(5, threeMinutes).length)
})
