import { setImmediate as turn } from 'node:timers/promises'
import { createDecoder } from '../../processors/decode.ts'
import { lossReportOf } from '../../processors/platform-loss.ts'
import type { Cursor, JournalReader, Ledger, Sink } from '../../src/core/contract.ts'
import type { Event } from '../../src/core/event.ts'
import type { DeadLetters } from '../../src/dead-letters.ts'
import { createLane } from '../../src/lane.ts'
import { emptyLedger } from '../../src/ledger.ts'
import { createLossBook } from '../../src/losses/loss-book.ts'
import type { LossState } from '../../src/losses/loss-file.ts'
import { createSharedDecode } from '../../src/shared-decode.ts'
import { appLine } from '../sinks/wire-events.ts'
import { createJoiner } from './joiner.ts'
import { createMemoryJournal } from './memory-journal.ts'
import { refused, textOf, unavailable } from './scripted-sink.ts'

/** What a frame is to the store: it takes it, blames it, refuses any call with it; or the sink does not take it; `loss` is LGR's report of one. */
export const frameKinds = ['good', 'bad', 'bomb', 'unwanted', 'loss'] as const
export type FrameKind = (typeof frameKinds)[number]

/**
 * What happens at a start, a lookup, a write, an append of dead letters or a commit; `killed …` ends the process there. When
 * something went wrong the store begins a new index, which knows nothing of what is in the others.
 */
export const happenings = [
  'well',
  'fails',
  'answer lost',
  'halves',
  'part',
  'part unsure',
  'killed before',
  'killed after'
] as const
export type Happening = (typeof happenings)[number]

export interface Scenario {
  /** A POST that `repeats` comes again behind itself. */
  readonly records: readonly { readonly frames: readonly FrameKind[]; readonly repeats: boolean }[]
  /** One after the other, for whatever comes next; then all is well. */
  readonly script: readonly Happening[]
  /** Whether the lane stood at the beginning before all this came; else it may have been anywhere. */
  readonly knownLane: boolean
  /** Whether the sink keeps the cursor with what it stores. */
  readonly ownCursor: boolean
  /** Whether the lane joins good lines, and for how many records it waits for more of them. */
  readonly joins: number | undefined
  readonly limits: { readonly maxEvents: number; readonly maxInFlight: number }
  /** At the beginning of its second life the lane must give up what lies before this record. */
  readonly skip: number | undefined
}

/** Holds any batch of a scenario, and not all of its records. */
const maxUncommittedBytes = 4096

export const sumOf = ({ received: _, ...parts }: Ledger): number => Object.values(parts).reduce((sum, n) => sum + n, 0)

const never = (): Promise<never> => new Promise(() => {})
const gauge = '<14>1 2026-11-24T04:29:03.785942+00:00 h a [1] - [gauge@47450 name="n" value="1" unit="u"] \n'
/** Of so many messages that no other frame of the scenario says the same. */
export const lostBy = (record: number, frame: number): number => 2 ** (record * 2) * 100 + frame
const lossLine = (record: number, frame: number): string =>
  `<11>1 2026-11-24T04:29:03.785942+00:00 o.s.a a [LGR/0] - - ${lostBy(record, frame)} messages lost in user provided syslog drain\n`

const kindOf = (event: Event): string => textOf(event).split(' ')[0]!

/** What outlives a process: the journal with its cursors, the store with its own, the dead letters. */
function createWorld({ records, knownLane, joins }: Scenario) {
  const journal = createMemoryJournal(joins ?? 0)
  if (knownLane) journal.commitNow('lane', { partition: 0, offset: 0 }, { ledger: emptyLedger, receiptTime: 0 })
  records.forEach(({ frames, repeats }, i) => {
    const lines = frames.map((kind, j) =>
      kind === 'unwanted' ? gauge : kind === 'loss' ? lossLine(i, j) : appLine(`${kind} ${i}.${j}`)
    )
    const { id } = journal.append(lines, { kind: repeats ? 'post' : 'stream' })
    if (repeats) journal.append(lines, { kind: 'post', id: Buffer.from(id) })
  })
  const cursorInSink: { value: Cursor | undefined } = { value: undefined }
  /** `stored` is everything, in whatever index, `index` is the newest one. */
  const store = { stored: new Set<string>(), index: new Set<string>(), twice: new Set<string>(), lookups: 0 }
  const losses: { value: LossState | undefined } = { value: undefined }
  return { journal, ...store, dead: new Set<string>(), cursorInSink, losses, skippedTo: 0 }
}
type World = ReturnType<typeof createWorld>

/** A process: what it does to the world ends when it is killed, wherever it is. */
function createLife(world: World, { ownCursor, joins, limits }: Scenario, draw: () => Happening, onCommit: () => void) {
  const { journal, stored, index, twice, dead, cursorInSink } = world
  const killed = Promise.withResolvers<void>()
  let alive = true

  /** Runs `act` as the script has it. */
  async function happen<T>(act: (happening: Happening) => T): Promise<T> {
    for (let turns = alive ? Math.trunc(Math.random() * 3) : 0; turns > 0; turns--) await turn()
    if (!alive) return never()
    const happening = draw()
    if (happening === 'fails') throw unavailable()
    const result = happening === 'killed before' ? undefined : act(happening)
    if (happening !== 'well' && !ownCursor) index.clear()
    if (happening.startsWith('killed')) {
      alive = false
      killed.resolve()
    }
    if (!alive || result === undefined) return never()
    if (happening === 'answer lost') throw unavailable()
    return result
  }

  const sink: Sink = {
    kind: 'scripted',
    limits: { ...limits, maxBytes: 2 ** 20, maxAgeMs: 1 },
    accepts: ({ kind, source }) => kind === 'log' && source.type !== 'LGR',
    start: () => happen(() => true).then(() => undefined),
    stop: async () => {},
    write: (batch, signal, through) =>
      happen(happening => {
        signal.throwIfAborted()
        // what keeps the cursor takes a batch whole or not at all
        const refuses = batch.some(event => kindOf(event) === 'bomb' || (ownCursor && kindOf(event) === 'bad'))
        if (refuses || (happening === 'halves' && batch.length > 1)) throw refused()
        const entries = batch.map((event, index) => ({ text: textOf(event), index, reason: 'scripted' }))
        const uncertain = happening === 'part unsure'
        const retry = entries.flatMap(entry => {
          const fails = (happening === 'part' || uncertain) && !ownCursor && entry.index % 2 === 0
          return fails ? [{ ...entry, uncertain }] : []
        })
        const isRetried = ({ index }: { index: number }) => retry.some(other => other.index === index)
        const rejected = entries.filter(entry => !isRetried(entry) && entry.text.startsWith('bad'))
        const taken = entries.filter(entry => !isRetried(entry) && !rejected.includes(entry))
        const duplicates = taken.filter(({ text }) => index.has(text)).length
        for (const { text } of uncertain ? entries.filter(({ text }) => text.startsWith('good')) : taken) {
          if (stored.has(text) && !index.has(text)) twice.add(text)
          stored.add(text)
          index.add(text)
        }
        if (through !== undefined) cursorInSink.value = { offset: through.position.offset, note: through.note }
        return { retry, rejected, duplicates }
      }),
    ...(ownCursor
      ? { cursor: async () => cursorInSink.value }
      : {
          known: (events, signal) =>
            happen(() => {
              signal.throwIfAborted()
              world.lookups++
              return new Set(events.filter(event => stored.has(textOf(event))).map(({ id }) => id))
            })
        })
  }
  const deadLetters: DeadLetters = {
    append: letters =>
      happen(() => {
        for (const { event } of letters) dead.add(textOf(event))
        return true
      }).then(() => undefined)
  }
  const reader: JournalReader = {
    ...journal.reader,
    commit: async (...of) => {
      await happen(() => {
        journal.commitNow(...of)
        try {
          onCommit()
        } catch (error) {
          alive = false
          killed.reject(error)
        }
        return true
      })
    }
  }
  const decoder = createDecoder()
  const losses = createLossBook({
    state: world.losses.value,
    end: journal.end,
    save: state =>
      happen(() => {
        world.losses.value = structuredClone(state)
        return true
      }).then(() => undefined),
    lossReportOf
  })
  const shared = createSharedDecode({
    reader,
    partition: 0,
    decode: record => decoder.decode(record),
    processors: [],
    onHead: losses.see
  })
  const lane = createLane({
    name: 'lane',
    partition: 0,
    sink,
    createProcessors: () => (joins === undefined ? [] : [createJoiner(joins)]),
    journal: reader,
    decoded: shared.createReader(),
    deadLetters,
    start: 'oldest',
    where: '',
    async beforeCommit(offset) {
      await shared.readTo(offset)
      await losses.safeUpTo(offset)
    },
    onCommit: offset => {
      if (offset === journal.end) killed.resolve()
    },
    onReady: offset => shared.begin(offset),
    onNews: () => {},
    minWaitMs: 0,
    minCommitMs: 0,
    maxUncommittedBytes,
    maxWaitMs: 0
  })
  return {
    lane,
    /** Resolves when it was killed, or all is committed; rejects with what `onCommit` threw. */
    ended: killed.promise,
    async end(): Promise<void> {
      const stopped = lane.stop(0)
      if (alive) await stopped
      shared.close()
    }
  }
}

/** Lets a lane live, be killed and be resumed until all is committed. `onCommit` sees the world at each commit. */
export async function runLives(scenario: Scenario, onCommit: (world: World) => void): Promise<World> {
  const world = createWorld(scenario)
  const script = [...scenario.script]
  for (let lives = 1; ; lives++) {
    const life = createLife(
      world,
      scenario,
      () => script.shift() ?? 'well',
      () => onCommit(world)
    )
    const to = scenario.skip === undefined ? undefined : world.journal.records[scenario.skip]?.position
    if (lives === 2 && to !== undefined) {
      world.skippedTo = to
      life.lane.skip(to)
    }
    life.lane.start()
    await life.ended
    await life.end()
    if (world.journal.commits.at(-1)?.offset === world.journal.end) return world
  }
}
