import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createDelivery } from '../src/delivery.ts'
import { segmentName } from '../src/journal/segment.ts'
import { emptyLedger } from '../src/ledger.ts'
import { listeningLog, openCulvert } from './delivery/open-culvert.ts'
import { openDisk } from './journal/open-disk.ts'
import { appendAll } from './journal/records.ts'

test('a worker that dies again and again is started again with growing pauses, whatever it says', async () => {
  const { journal } = await openDisk()
  const waits: number[] = []
  let pause = Promise.withResolvers<void>()
  const delivery = createDelivery({
    env: {},
    journal,
    log: listeningLog(({ waitMs }) => {
      waits.push(waitMs)
      pause.resolve()
    }),
    onCommitted: () => {},
    onRates: () => {},
    worker: { module: new URL('./delivery/dying-worker.ts', import.meta.url), minRestartMs: 1 }
  })
  delivery.start()
  while (waits.length < 5) {
    await pause.promise
    pause = Promise.withResolvers()
  }
  await delivery.stop(0)
  expect(waits).toEqual([1, 2, 4, 8, 16])
  expect(delivery.status()).toMatchObject({
    problem: 'the delivery worker failed and is started again: nothing works',
    worker: { restarts: 5, lastFailure: { message: 'nothing works' } }
  })
})

test('what the worker finds damaged in the journal is counted in status and metrics', async context => {
  const { dir, journal } = await openDisk()
  await appendAll(journal, ['a', 'b', 'c'])
  const segment = join(dir, 'journal', '0', segmentName(0))
  await journal.stop()
  const file = await readFile(segment)
  file[Math.trunc(file.length / 2)]! ^= 1
  await writeFile(segment, file)
  const { until, ask } = await openCulvert(context, { CULVERT_DATA_DIR: dir })
  const { journal: found, lanes } = await until(status => status.lanes[0]?.ledger.received === 2)
  expect(lanes[0]?.ledger).toEqual({ ...emptyLedger, received: 2, stored: 2 })
  expect(found.damaged).toEqual({ stretches: 1, bytes: expect.any(Number), copies: 1 })
  expect(await ask('metrics')).toContain('culvert_journal_damaged_stretches_total 1\n')
})
