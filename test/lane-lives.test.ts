import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type FrameKind, frameKinds, happenings, lostBy, runLives, type Scenario, sumOf } from './delivery/lives.ts'
import type { MemoryJournal } from './delivery/memory-journal.ts'

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
  limits: fc.record({ maxEvents: fc.integer({ min: 1, max: 20 }), maxInFlight: fc.integer({ min: 1, max: 4 }) }),
  skip: fc.option(fc.nat(12), { nil: undefined })
})

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
        expect(mustBeThere.filter(text => !stored.has(text) && !dead.has(text))).toEqual([])
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
      if (world.skippedTo > 0) return
      expect(world.stored.size).toBe(all.filter(({ kind }) => kind === 'good').length)
      expect(world.dead.size).toBe(all.filter(isDead).length)
      const unwanted = all.filter(({ kind }) => kind === 'unwanted' || kind === 'loss')
      expect([ledger.filtered, ledger.lost]).toEqual([unwanted.length, 0])
      // a sink that keeps its own cursor knows of its last batch only that it is settled
      if (!given.ownCursor) expect(ledger.dead).toBe(all.filter(isDead).length)
    }),
    { numRuns: 150, timeout: 1500 }
  )
}, 60_000)
