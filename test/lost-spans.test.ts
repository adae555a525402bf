import { expect, test } from 'vitest'
import { type LostSpan, maxNoteBytes } from '../src/core/contract.ts'
import { addSpan, maxSpans } from '../src/lost-spans.ts'

const span = (begin: number, end: number): LostSpan => ({
  reason: 'journal_full',
  frames: end - begin,
  from: begin,
  to: end,
  begin,
  end,
  stretches: 1
})
const added = (...spans: LostSpan[]) => spans.reduce<readonly LostSpan[]>(addSpan, [])

test('what follows its predecessor in the journal continues its span', () => {
  expect(added(span(0, 5), span(5, 9), span(20, 21))).toEqual([span(0, 9), span(20, 21)])
})

test('a stretch without a frame is no span', () => {
  expect(added(span(3, 3))).toEqual([])
})

test('the oldest are folded into one, and no frame is forgotten', () => {
  const apart = Array.from({ length: maxSpans + 2 }, (_, i) => span(i * 10, i * 10 + 3))
  const kept = added(...apart)
  expect(kept).toEqual([{ ...span(0, 23), frames: 9, stretches: 3 }, ...apart.slice(3)])
})

test('the largest spans leave half of a note to others', () => {
  const large = Number.MAX_SAFE_INTEGER
  const spans = Array.from({ length: 99 }, (_, i) => ({ ...span(large - i * 2, large), frames: 2 ** 45 }))
  expect(JSON.stringify(added(...spans)).length).toBeLessThan(maxNoteBytes / 2)
})
