import { expect, test } from 'vitest'
import { createDelivered, type DeliveredOptions } from '../src/delivered.ts'

const at = (offset: number, partition = 0) => ({ partition, offset })
const nobody = new AbortController().signal

function subject(options: Partial<DeliveredOptions> = {}) {
  const delivered = createDelivered({ lanes: ['logs', 'metrics'], ...options })
  const answers: string[] = []
  /** Waits, and says in `answers` what came of it. */
  async function wait(name: string, ends: ReturnType<typeof at>[], gone = nobody, since = performance.now()) {
    try {
      await delivered.until(ends, since, gone)
      answers.push(name)
    } catch (error) {
      answers.push(`${name}: ${String(error)}`)
    }
  }
  return { delivered, answers, wait }
}

test('whoever waits is answered when the last lane has committed past the last of its records', async () => {
  const { delivered, answers, wait } = subject()
  const waits = [wait('first', [at(100)]), wait('in both partitions', [at(200), at(300, 1)])]
  delivered.committed('logs', 0, 500)
  delivered.committed('metrics', 0, 99)
  await Promise.resolve()
  expect([answers, delivered.waiting]).toEqual([[], 2])
  delivered.committed('metrics', 0, 100)
  await waits[0]
  delivered.committed('metrics', 0, 200)
  delivered.committed('metrics', 1, 300)
  expect(answers).toEqual(['first'])
  delivered.committed('logs', 1, 301)
  await waits[1]
  expect([answers, delivered.waiting]).toEqual([['first', 'in both partitions'], 0])
  await wait('late', [at(50)])
  expect(answers).toHaveLength(3)
})

test('nobody waits longer than the limit since the arrival, and the lanes that lag are named', async () => {
  const { delivered, answers, wait } = subject({ timeoutMs: 20 })
  delivered.committed('logs', 0, 100)
  await wait('late', [at(100)])
  expect(answers).toEqual(['late: CulvertError: Not delivered within 0.02 s by: metrics.'])
  const patient = subject({ timeoutMs: 3_600_000 })
  await patient.wait('long on its way', [at(100)], nobody, performance.now() - 3_600_000)
  expect(patient.answers).toEqual(['long on its way: CulvertError: Not delivered within 3600 s by: logs, metrics.'])
  expect([delivered.waiting, patient.delivered.waiting]).toEqual([0, 0])
})

test('one more than may wait is told at once', async () => {
  const { delivered, answers, wait } = subject({ maxWaiting: 1 })
  const first = wait('first', [at(1)])
  expect(delivered.full).toBe(true)
  await wait('second', [at(1)])
  expect(answers).toEqual(['second: CulvertError: Too many wait for lanes to deliver: logs, metrics.'])
  delivered.stop()
  await first
})

test('who is gone is forgotten', async () => {
  const { delivered, wait } = subject()
  const gone = new AbortController()
  const waiting = wait('gone', [at(1)], gone.signal)
  gone.abort()
  await waiting
  await wait('gone before', [at(1)], gone.signal)
  expect(delivered.waiting).toBe(0)
})

test('a stop answers all who wait, and whoever comes', async () => {
  const { delivered, answers, wait } = subject()
  const waits = [wait('a', [at(1)]), wait('b', [at(2)])]
  delivered.stop()
  await Promise.all(waits)
  await wait('c', [at(1)])
  const why = 'CulvertError: Culvert stops, and not every lane has delivered this: logs, metrics.'
  expect(answers).toEqual([`a: ${why}`, `b: ${why}`, `c: ${why}`])
})
