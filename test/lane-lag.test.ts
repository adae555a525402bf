import { expect, test } from 'vitest'
import { createLag } from '../src/lane-lag.ts'

test('while receipt times are ahead of a clock that was set back, the lag is told by them', async () => {
  const time = Date.now() + 3_600_000
  const bounds = () => ({ oldest: 0, end: 100, time })
  const lag = createLag({ bounds, receivedAt: async () => time - 90_000 }, 0)
  expect(lag.seconds(0)).toBe(0) // it is being looked up
  await new Promise(setImmediate)
  expect(lag.seconds(0)).toBe(90)
})
