import { type Event, isLog, type LogEvent } from '../core/event.ts'
import type { LossReport, LossTotals, LostBefore } from '../core/losses.ts'
import type { Source } from '../core/source.ts'
import type { DecodedEntry } from '../shared-decode.ts'
import { createCounterGaps } from './counter-gaps.ts'
import { createEntries, type Loss, totalsOf } from './entries.ts'
import type { LossState } from './loss-file.ts'

/** Lines that came twice, as by two drains of an app, are recognised among so many. */
const maxRecent = 128

export interface LossBookOptions {
  /** What an earlier life has saved. */
  readonly state: LossState | undefined
  /** Where the partition ends: what the book knows of positions behind it belongs to a journal that is gone. */
  readonly end: number
  /** Resolves when the state is safe. */
  readonly save: (state: LossState) => Promise<void>
  readonly lossReportOf: (event: LogEvent) => LossReport | undefined
}

/**
 * Counts what was lost before us, of one partition, each report once, whatever is killed: the book on disk says up to which position
 * it has counted, and no lane commits past a loss that is not in it (`safeUpTo`). What is read again is not counted again.
 */
export function createLossBook({ state, end, save, lossReportOf }: LossBookOptions) {
  const since = state?.since ?? Date.now()
  const entries = createEntries(state?.entries)
  const recent = new Set(state?.recent)
  const forgottenBefore = state?.forgotten ?? 0
  let through = Math.min(state?.through ?? 0, end)
  /** Of the entry at hand; `next` is where the one behind it begins. */
  let at = 0
  let clock = 0
  let next: number | undefined
  /** Positions of the first loss that is in no file, and in the one that is being written. */
  let unsaved = Number.POSITIVE_INFINITY
  let saving = Number.POSITIVE_INFINITY
  let writing: Promise<void> | undefined
  let reported = totalsOf(entries.all())
  let changes = 0

  const gaps = createCounterGaps(({ source, name, missing }) => {
    add({ kind: 'counter_gap', ...namesOf(source), counter: name, lost: missing })
  })

  function add(loss: Loss): void {
    entries.add(loss, clock)
    unsaved = Math.min(unsaved, at)
    changes++
  }

  /** Who counts must not stop the lanes: an event that we cannot look at is left out. */
  function count(event: Event, isCounted: boolean): void {
    try {
      if (event.kind === 'counter') gaps.see(event, clock, isCounted)
      else if (isLog(event) && !isCounted) {
        const report = lossReportOf(event)
        if (report !== undefined && isNew(event, report)) add({ lost: 0, ...report, ...namesOf(event.source) })
      }
    } catch {}
  }

  function isNew({ source, timeMicros }: LogEvent, { kind, lost = 0, drain = '' }: LossReport): boolean {
    const key = [kind, source.id, source.instance, timeMicros, lost, drain].join(' ')
    if (recent.has(key)) return false
    recent.add(key)
    for (const oldest of recent) {
      if (recent.size <= maxRecent) break
      recent.delete(oldest)
    }
    return true
  }

  async function write(): Promise<void> {
    saving = unsaved
    unsaved = Number.POSITIVE_INFINITY
    try {
      await save({ since, through, forgotten: forgotten(), recent: [...recent], entries: entries.all() })
    } catch (error) {
      unsaved = Math.min(unsaved, saving)
      throw error
    } finally {
      saving = Number.POSITIVE_INFINITY
    }
  }

  const forgotten = (): number => forgottenBefore + gaps.forgotten

  function flush(): Promise<void> {
    writing ??= write().finally(() => {
      writing = undefined
    })
    return writing
  }

  return {
    /** Everything that the head of the journal gives, in order; the events as they came, before any processor. */
    see(entry: DecodedEntry, events: readonly Event[]): void {
      if (entry.kind === 'tick') {
        at = entry.next
        clock = entry.clock
      } else {
        at = entry.record.position
        clock = entry.record.receiptTime
        if (next !== undefined && next !== at) gaps.forget()
      }
      for (const event of events) count(event, at < through)
      gaps.settle(clock)
      next = entry.next
      through = Math.max(through, next)
    },

    /** Resolves when every loss before `offset` is on disk: then a lane may commit there. Rejects with what the disk says. */
    async safeUpTo(offset: number): Promise<void> {
      while (Math.min(unsaved, saving) < offset) await flush()
    },

    /** Saves what is not saved, if anything. */
    save: async (): Promise<void> => (unsaved < Number.POSITIVE_INFINITY ? flush() : undefined),

    /** Counts up with everything that is added. */
    get changes() {
      return changes
    },

    /** What came since the last time that somebody asked. */
    takeNews(): LossTotals {
      const now = totalsOf(entries.all())
      const { messages, rateLimits, counterGaps } = reported
      reported = now
      return {
        messages: now.messages - messages,
        rateLimits: now.rateLimits - rateLimits,
        counterGaps: now.counterGaps - counterGaps
      }
    },

    book(): LostBefore {
      const all = entries.all()
      return { since, ...totalsOf(all), entries: all, forgotten: forgotten() }
    }
  }
}
export type LossBook = ReturnType<typeof createLossBook>

const namesOf = ({ id, app, space, org }: Source): Pick<Loss, 'appId' | 'app' | 'space' | 'org'> => ({
  appId: app.id || id,
  app: app.name,
  space: space.name,
  org: org.name
})
