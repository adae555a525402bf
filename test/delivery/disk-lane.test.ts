import { setImmediate as turn } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createDecoder } from '../../processors/decode.ts'
import type { Sink } from '../../src/core/contract.ts'
import { createGeneration } from '../../src/core/identity.ts'
import { createDeadLetters } from '../../src/dead-letters.ts'
import type { MainJournal, WorkerJournal } from '../../src/journal/journal.ts'
import { createLane } from '../../src/lane.ts'
import { emptyLedger } from '../../src/ledger.ts'
import { createSharedDecode } from '../../src/shared-decode.ts'
import { openDisk, rejection } from '../journal/open-disk.ts'
import { recordOf } from '../journal/records.ts'
import { appLine } from '../sinks/wire-events.ts'
import { createScriptedSink } from './scripted-sink.ts'

const hour = 3_600_000
const lanes = [{ name: 'lane', whenFull: 'skip' as const }]
const generation = createGeneration()

/** A lane as the worker composes it, on the real journal of `disk`. */
function openLane(sink: Sink, { dir, journal, reader }: { dir: string; journal: MainJournal; reader: WorkerJournal }) {
  const decoder = createDecoder()
  const shared = createSharedDecode({
    reader,
    partition: 0,
    decode: record => decoder.decode(record),
    processors: [],
    onHead: () => {}
  })
  let wake: () => void = () => {}
  const lane = createLane({
    name: 'lane',
    partition: 0,
    sink,
    createProcessors: () => [],
    journal: reader,
    decoded: shared.createReader(),
    deadLetters: createDeadLetters({ dir, lane: 'lane' }),
    start: 'oldest',
    where: '',
    onCommit(offset) {
      journal.committed('lane', 0, offset)
      wake()
    },
    onReady: offset => shared.begin(offset),
    onNews: () => {}
  })
  onTestFinished(() => shared.close())
  onTestFinished(() => lane.stop(0))
  lane.start()
  return {
    lane,
    done: async () => {
      while (lane.status().position !== journal.ends()[0]?.end) await new Promise<void>(resolve => (wake = resolve))
    }
  }
}

test('a lane goes on where it was, and a POST that comes again after a restart is a duplicate', async () => {
  const id = generation.next()
  const { sink, writes } = createScriptedSink()
  const disk = await openDisk({ lanes })
  await disk.journal.append(0, recordOf(appLine('a'), { id, kind: 'post' }))
  const first = openLane(sink, disk)
  await first.done()
  await first.lane.stop(hour)
  await disk.reader.stop()
  await disk.journal.stop()

  const again = await openDisk({ dir: disk.dir, lanes })
  await again.journal.append(0, recordOf(appLine('a'), { id, kind: 'post' }))
  await again.journal.append(0, recordOf(appLine('b')))
  const second = openLane(sink, again)
  await second.done()
  expect(writes.flat()).toEqual(['a', 'b'])
  expect(second.lane.status().ledger).toEqual({ ...emptyLedger, received: 3, stored: 2, duplicate: 1 })
})

test('a full journal takes records again when the lane may skip, though its sink never opens', async () => {
  const disk = await openDisk({ lanes, maxBytes: 2 ** 20 })
  const { lane } = openLane(createScriptedSink({ start: () => new Promise(() => {}) }).sink, disk)
  disk.journal.onSkip((_lane, _partition, to) => lane.skip(to))
  const frame = appLine('x'.repeat(60_000))
  let appended = 0
  while ((await rejection(disk.journal.append(0, recordOf(frame)))) === 'resolved') appended++
  while ((await rejection(disk.journal.append(0, recordOf(frame)))) !== 'resolved') await turn()
  const { ledger, position, state } = lane.status()
  expect(appended).toBeGreaterThan(8)
  expect([state, ledger.received]).toEqual(['starting', ledger.lost])
  expect(position).toBe(disk.journal.ends()[0]?.oldest)
})
