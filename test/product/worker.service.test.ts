import { expect, test } from 'vitest'
import { emptyLedger } from '../../src/ledger.ts'
import { openCulvert } from '../delivery/open-culvert.ts'

const texts = (count: number, name: string): string[] => Array.from({ length: count }, (_, i) => `${name} ${100 + i}`)

test.for<[how: string, reason: string]>([
  ['an error', 'a bug of a user'],
  ['a rejection', 'a bug of a user'],
  ['an exit', 'it ended with code 3'],
  ['no memory', 'Worker terminated due to reaching memory limit: JS heap out of memory']
])('%s in the worker: it is said, counted and started again, and every line is stored once', async ([
  how,
  reason
], context) => {
  const { fail, post, until, readiness, stored, ask } = await openCulvert(context)
  const [before, meanwhile, after] = ['before', 'meanwhile', 'after'].map(name => texts(50, name)) as [
    string[],
    string[],
    string[]
  ]
  await until(({ ready }) => ready)
  await post(before)
  fail(how)
  const down = await until(({ worker }) => worker.restarts === 1)
  expect(down.lanes.map(({ state, inFlight }) => [state, inFlight])).toEqual([['starting', 0]])
  await post(meanwhile)
  const up = await until(({ ready }) => ready)
  expect(up.worker).toEqual({ restarts: 1, lastFailure: { message: reason, at: expect.any(Number) } })
  await post(after)

  const { lanes } = await until(status => status.lanes[0]?.ledger.received === 150)
  expect(lanes[0]?.ledger).toEqual({ ...emptyLedger, received: 150, stored: 150 })
  expect(await stored()).toEqual([...after, ...before, ...meanwhile])
  expect(await readiness()).toEqual([
    {
      ready: false,
      reasons: [`Nothing is delivered: the delivery worker failed and is started again: ${reason}.`]
    }
  ])
  expect(await ask('metrics')).toContain('culvert_delivery_worker_restarts_total 1\n')
})
