import type { LostSpan } from './core/contract.ts'

/** So many are kept apart; older ones are folded into the oldest. With any numbers they fit into half of a commit's note. */
export const maxSpans = 12

/** The spans and one more: what follows its predecessor in the journal continues it. */
export function addSpan(spans: readonly LostSpan[], span: LostSpan): readonly LostSpan[] {
  if (span.frames === 0) return spans
  const last = spans.at(-1)
  if (last?.reason === span.reason && last.end === span.begin)
    return [...spans.slice(0, -1), { ...joined(last, span), stretches: last.stretches }]
  const [oldest, next, ...rest] = [...spans, span]
  return spans.length < maxSpans || oldest === undefined || next === undefined
    ? [...spans, span]
    : [joined(oldest, next), ...rest]
}

const joined = (a: LostSpan, b: LostSpan): LostSpan => ({
  ...a,
  frames: a.frames + b.frames,
  to: b.to,
  end: b.end,
  stretches: a.stretches + b.stretches
})
