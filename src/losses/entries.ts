import type { LossEntry, LossKind, LossTotals } from '../core/losses.ts'

/** Apps, drains and counters that are told apart, of each kind; the rest has one entry. */
export const maxEntries = 200

export type Loss = Pick<LossEntry, 'kind' | 'appId' | 'app' | 'space' | 'org' | 'drain' | 'counter' | 'limit' | 'lost'>

/** Adds up losses by kind, app, and drain or counter. */
export function createEntries(given: readonly LossEntry[] = []) {
  const entries = new Map(given.map(entry => [entry.rest ? entry.kind : keyOf(entry), entry]))
  const ofKind = (kind: LossKind): number => [...entries.values()].filter(entry => entry.kind === kind).length

  return {
    add(loss: Loss, at: number): void {
      const key = keyOf(loss)
      const fits = entries.has(key) || ofKind(loss.kind) < maxEntries
      const before = entries.get(fits ? key : loss.kind)
      const counted = {
        lost: (before?.lost ?? 0) + loss.lost,
        reports: (before?.reports ?? 0) + 1,
        first: before?.first ?? at,
        last: at
      }
      const names = { appId: '', app: '', space: '', org: '' }
      if (fits) entries.set(key, { ...before, ...loss, rest: false, ...counted })
      else entries.set(loss.kind, { kind: loss.kind, rest: true, ...names, ...counted })
    },
    all: (): LossEntry[] => [...entries.values()]
  }
}
export type Entries = ReturnType<typeof createEntries>

const keyOf = ({ kind, appId, drain, counter }: Pick<LossEntry, 'kind' | 'appId' | 'drain' | 'counter'>): string =>
  JSON.stringify([kind, appId, drain, counter])

const sum = (entries: readonly LossEntry[], count: 'lost' | 'reports', ...kinds: readonly LossKind[]): number =>
  entries.reduce((total, entry) => total + (kinds.includes(entry.kind) ? entry[count] : 0), 0)

export const totalsOf = (entries: readonly LossEntry[]): LossTotals => ({
  messages: sum(entries, 'lost', 'drain', 'loggregator'),
  rateLimits: sum(entries, 'reports', 'rate_limit'),
  counterGaps: sum(entries, 'reports', 'counter_gap')
})
