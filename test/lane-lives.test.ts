import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDecoder } from '../processors/decode.ts'
import { createJoiner } from './delivery/joiner.ts'
import { type FrameKind, frameKinds, happenings, lostBy, runLives, type Scenario, sumOf } from './delivery/lives.ts'
import { createMemoryJournal, type MemoryJournal } from './delivery/memory-journal.ts'
import { textOf } from './delivery/scripted-sink.ts'
import { appLine } from './sinks/wire-events.ts'

const often = <T>(usual: T, all: readonly T[]) =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 3 }, { arbitrary: fc.constantFrom(...all), weight: 2 })

const scenario: fc.Arbitrary<Scenario> = fc.record({
  records: fc.array(
    fc.record({
      frames: fc.array(often<FrameKind>('good', frameKinds), { minLength: 1, maxLength: 12 }),
      repeats: fc.boolean()
    }),
    { minLength: 1, maxLength: 12 }
  ),
  script: fc.array(often('well', happenings), { maxLength: 60 }),
  knownLane: fc.boolean(),
  ownCursor: fc.boolean(),
  joins: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  limits: fc.record({ maxEvents: fc.integer({ min: 1, max: 20 }), maxInFlight: fc.integer({ min: 1, max: 4 }) }),
  skip: fc.option(fc.nat(12), { nil: undefined })
})

const linesOf = (text: string): string[] => text.split('\n')
const linesIn = (texts: Iterable<string>): string[] => [...texts].flatMap(linesOf)

/** What is stored where nothing ever went wrong. */
function joinedAtOnce({ records, joins = 0 }: Scenario): Set<string> {
  const journal = createMemoryJournal()
  records.forEach(({ frames, repeats }, i) => {
    journal.append(frames.map((kind, j) => appLine(`${kind} ${i}.${j}`)))
    if (repeats) journal.append([])
  })
  const decoder = createDecoder()
  const joiner = createJoiner(joins)
  const events = journal.records.flatMap(record => joiner.process(decoder.decode(record), record.receiptTime))
  const last = joiner.process([], Number.POSITIVE_INFINITY)
  return new Set([...events, ...last].map(textOf).filter(text => text.startsWith('good')))
}

const framesIn = (journal: MemoryJournal, begin: number, end: number): number =>
  journal.framesBefore(end) - journal.framesBefore(begin)

const isLine = (text: string): boolean => text !== '' && !text.includes('messages lost')

test('whatever stores, disks and kills do: the books balance at every commit, nothing is lost or stored twice, nothing is dead but what must be, and every report of a loss is counted once', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async given => {
      const all = given.records.flatMap(({ frames }, i) =>
        frames.map((kind, j) => ({ kind, text: `${kind} ${i}.${j}`, lost: lostBy(i, j) }))
      )
      let last = 0
      const world = await runLives(given, ({ journal, stored, dead, skippedTo }) => {
        const { offset, note } = journal.commits.at(-1)!
        expect(offset).toBeGreaterThanOrEqual(last)
        last = offset
        expect(note.ledger.received).toBe(journal.framesBefore(offset))
        expect(sumOf(note.ledger)).toBe(note.ledger.received)
        const spans = note.lost ?? []
        expect(spans.reduce((sum, { frames }) => sum + frames, 0)).toBe(note.ledger.lost)
        expect(spans.map(({ frames, begin, end }) => frames - framesIn(journal, begin, end))).toEqual(
          spans.map(() => 0)
        )
        // a POST that was given up is not wanted when it comes again
        const givenUp = new Set(journal.textsBetween(0, skippedTo))
        const mustBeThere = journal.textsBetween(skippedTo, offset).filter(text => isLine(text) && !givenUp.has(text))
        const there = new Set([...stored, ...dead].flatMap(linesOf))
        expect(mustBeThere.filter(text => !there.has(text))).toEqual([])
      })
      const losses = all.filter(({ kind }) => kind === 'loss')
      const book = world.losses.value?.entries ?? []
      expect(book.map(({ lost, reports }) => [lost, reports])).toEqual(
        losses.length === 0 ? [] : [[losses.reduce((sum, { lost }) => sum + lost, 0), losses.length]]
      )
      const { ledger } = world.journal.commits.at(-1)!.note
      const isDead = ({ kind }: { kind: FrameKind }) => kind === 'bad' || kind === 'bomb'
      expect([...world.dead].filter(text => text.startsWith('good'))).toEqual([])
      expect([...world.stored].filter(text => !text.startsWith('good'))).toEqual([])
      expect([...world.twice]).toEqual([])
      if (world.skippedTo > 0) return // the rest of a joined line is stored alone when its beginning was given up
      expect(linesIn(world.stored)).toEqual([...new Set(linesIn(world.stored))])
      expect(linesIn(world.stored).length).toBe(all.filter(({ kind }) => kind === 'good').length)
      if (given.joins !== undefined) expect(world.stored).toEqual(joinedAtOnce(given))
      expect(world.dead.size).toBe(all.filter(isDead).length)
      const unwanted = all.filter(({ kind }) => kind === 'unwanted' || kind === 'loss')
      expect([ledger.filtered, ledger.lost]).toEqual([unwanted.length, 0])
      // a sink that keeps its own cursor knows of its last batch only that it is settled
      if (!given.ownCursor) expect(ledger.dead).toBe(all.filter(isDead).length)
    }),
    { numRuns: 200, timeout: 1500 }
  )
}, 60_000)
