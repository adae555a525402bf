import { setImmediate as turn } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { allStored, type Refusals } from '../src/core/contract.ts'
import { createLaneGroup } from '../src/lane-group.ts'
import { emptyLedger } from '../src/ledger.ts'
import { createGate } from './delivery/gate.ts'
import { createMemoryJournal, type MemoryJournal } from './delivery/memory-journal.ts'
import { openDecode, openLane } from './delivery/open-lane.ts'
import { createScriptedSink, type Script } from './delivery/scripted-sink.ts'
import { appLine } from './sinks/wire-events.ts'

const hour = 3_600_000
const line = (text: string) => [appLine(text)]
const never = (): Promise<never> => new Promise(() => {})

/** A group of one lane on a journal in memory; `scripts` say what each sink that is opened does, the last one also those after it. */
function openGroup(scripts: Script[], journal: MemoryJournal, shared = openDecode(journal), settleMs = hour) {
  const sinks: ReturnType<typeof createScriptedSink>[] = []
  const group = createLaneGroup({
    name: 'lane',
    openSinks() {
      const opened = createScriptedSink(scripts[Math.min(sinks.length, scripts.length - 1)])
      sinks.push(opened)
      return [opened.sink]
    },
    openLane: sink => openLane(sink, { journal, shared }).lane,
    settleMs,
    closingMs: settleMs
  })
  onTestFinished(() => group.stop(0, () => 0))
  group.start()
  const until = async (condition: () => boolean) => {
    while (!condition()) await turn()
  }
  return {
    group,
    sinks,
    until,
    done: () => until(() => group.lane(0).status().position === journal.end),
    writes: () => sinks.map(({ writes }) => writes.flat())
  }
}

test('a restart waits for what is on its way, commits it, and goes on behind it with a new sink', async () => {
  const journal = createMemoryJournal()
  const gate = createGate<Refusals>()
  const { group, sinks, writes, done } = openGroup([{ write: gate.ask }, {}], journal)
  journal.append(line('a'))
  const write = await gate.nth(0)
  journal.append(line('b'))
  const restarted = Promise.all([group.restart(), group.restart()])
  await turn()
  expect(sinks).toHaveLength(1)
  write.resolve(allStored)
  await restarted
  await done()
  expect(writes()).toEqual([['a'], ['b']])
  expect(sinks.map(({ stops }) => stops.length)).toEqual([1, 0])
  expect(sinks[1]!.lookups).toEqual([])
  expect(group.lane(0).status()).toMatchObject({
    state: 'running',
    batches: 1,
    ledger: { ...emptyLedger, received: 2, stored: 2 }
  })
})

test('a request that hangs is aborted, and asked for before it is sent again by the new sink', async () => {
  const journal = createMemoryJournal()
  const { group, sinks, writes, done, until } = openGroup(
    [{ write: never }, { known: () => ['a'] }],
    journal,
    undefined,
    5
  )
  journal.append(line('a'))
  await until(() => sinks[0]!.writes.length === 1)
  await group.restart()
  journal.append(line('b'))
  await done()
  expect(writes()).toEqual([['a'], ['b']])
  expect(sinks[1]!.lookups[0]).toContain('a')
  expect(group.lane(0).status().ledger).toEqual({ ...emptyLedger, received: 2, stored: 1, duplicate: 1 })
})

test('a sink that does not close holds up no restart', async () => {
  const journal = createMemoryJournal()
  const closing = Promise.withResolvers<void>()
  const { group, done, writes } = openGroup([{ stop: () => closing.promise }, {}], journal, undefined, 5)
  await group.restart()
  journal.append(line('a'))
  await done()
  expect(writes()).toEqual([[], ['a']])
  closing.resolve()
})

test('the other lanes go on while one restarts again and again, and both have each line once', async () => {
  const journal = createMemoryJournal()
  const shared = openDecode(journal)
  const restarting = openGroup([{ limits: { maxEvents: 3 } }], journal, shared)
  const other = openLane(createScriptedSink().sink, { journal, shared, options: { name: 'other' } })
  other.lane.start()
  const texts: string[] = []
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 10; i++) {
      texts.push(`${round} ${i}`)
      journal.append(line(`${round} ${i}`))
      if (i % 4 === 0) await turn()
    }
    if (round % 2 === 0) await restarting.group.restart()
    else await other.done()
  }
  await restarting.done()
  await other.done()
  expect(restarting.writes().flat()).toEqual(texts)
  expect(restarting.sinks).toHaveLength(11)
  const ledger = { ...emptyLedger, received: 200, stored: 200 }
  expect([restarting.group.lane(0).status().ledger, other.lane.status().ledger]).toEqual([ledger, ledger])
})

test('a stop while it restarts starts nothing any more', async () => {
  const journal = createMemoryJournal()
  const gate = createGate<Refusals>()
  const { group, sinks } = openGroup([{ write: gate.ask }], journal)
  journal.append(line('a'))
  const write = await gate.nth(0)
  const restarted = group.restart()
  const stopped = group.stop(hour, () => 0)
  write.resolve(allStored)
  await Promise.all([restarted, stopped])
  expect([sinks.length, group.lane(0).status().state]).toEqual([1, 'stopped'])
})
