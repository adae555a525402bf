import { expect, test } from 'vitest'
import { createStopOrder, stopTimes } from '../src/stop-order.ts'

const never = (): Promise<never> => new Promise(() => {})

/** A stop order that keeps what it logs. */
function subject(stages?: Parameters<typeof createStopOrder>[1]) {
  const logged: object[] = []
  const done: string[] = []
  const order = createStopOrder({ debug: () => {}, error: (fields: object) => void logged.push(fields) }, stages)
  return { order, logged, done }
}

test('input closes together, then the lanes, then the journal, whatever was opened first', async () => {
  const { order, done, logged } = subject()
  const gate = Promise.withResolvers<void>()
  order.add('journal', 'journal', async () => void done.push('journal'))
  order.add('lanes', 'delivery', async () => void done.push('delivery'))
  order.add('input', 'syslog', async () => {
    await gate.promise
    done.push('syslog')
  })
  order.add('input', 'http', async () => {
    done.push('http')
    gate.resolve()
  })
  await Promise.all([order.run(), order.run()])
  expect(done).toEqual(['http', 'syslog', 'delivery', 'journal'])
  expect(logged).toEqual([])
})

test('a part that does not stop in time is left behind and named, and the others get their time', async () => {
  const { order, done, logged } = subject({ input: 5, lanes: 60_000, journal: 60_000 })
  order.add('input', 'syslog', never)
  order.add('input', 'http', async () => void done.push('http'))
  order.add('lanes', 'delivery', async sinceMs => void done.push(sinceMs > 1 ? 'delivery' : 'too early'))
  order.add('journal', 'journal', async () => void done.push('journal'))
  await order.run()
  expect(done).toEqual(['http', 'delivery', 'journal'])
  expect(logged).toEqual([{ stage: 'input', late: ['syslog'] }])
})

test('a part that fails holds up none of the others, and is told when all are closed', async () => {
  const { order, done } = subject()
  order.add('input', 'syslog', () => Promise.reject(new Error('EIO')))
  order.add('lanes', 'delivery', async () => void done.push('delivery'))
  order.add('journal', 'journal', async () => void done.push('journal'))
  await expect(order.run()).rejects.toThrow('EIO')
  expect(done).toEqual(['delivery', 'journal'])
})

test('each stage has its time, and all is over before Cloud Foundry kills', () => {
  const times = Object.values(stopTimes)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(stopTimes).toMatchObject({ reading: 2000, delivered: 8000 })
  expect(stopTimes.exit).toBeLessThan(9500)
})
