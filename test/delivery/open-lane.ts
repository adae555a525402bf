import { onTestFinished } from 'vitest'
import { createDecoder } from '../../processors/decode.ts'
import type { Processor, Sink } from '../../src/core/contract.ts'
import type { DeadLetters, Refused } from '../../src/dead-letters.ts'
import { createLane, type LaneNews, type LaneOptions } from '../../src/lane.ts'
import { createSharedDecode, type SharedDecode, type SharedDecodeOptions } from '../../src/shared-decode.ts'
import { createMemoryJournal, type MemoryJournal } from './memory-journal.ts'
import { textOf } from './scripted-sink.ts'

export function openDecode({ reader }: Pick<MemoryJournal, 'reader'>, options: Partial<SharedDecodeOptions> = {}) {
  const decoder = createDecoder()
  const shared = createSharedDecode({
    reader,
    partition: 0,
    decode: record => decoder.decode(record),
    processors: [],
    onHead: () => {},
    ...options
  })
  onTestFinished(() => shared.close())
  return shared
}

export interface LaneSetting {
  readonly journal?: MemoryJournal
  readonly shared?: SharedDecode
  readonly processors?: readonly Processor[]
  readonly deadLetters?: DeadLetters
  readonly options?: Partial<LaneOptions>
}

/** A lane on a journal in memory with short pauses; stopped when the test ends. `start` it yourself. */
export function openLane(sink: Sink, setting: LaneSetting = {}) {
  const journal = setting.journal ?? createMemoryJournal()
  const shared = setting.shared ?? openDecode(journal)
  const dead: string[] = []
  const news: LaneNews[] = []
  const changed = new Set<() => void>()
  const wake = (): void => {
    for (const check of changed) check()
  }
  const keep: DeadLetters = {
    append: async (letters: readonly Refused[]) => void dead.push(...letters.map(({ event }) => textOf(event)))
  }
  const lane = createLane({
    name: 'lane',
    partition: 0,
    sink,
    createProcessors: () => setting.processors ?? [],
    journal: journal.reader,
    decoded: shared.createReader(),
    deadLetters: setting.deadLetters ?? keep,
    start: 'oldest',
    where: 'here',
    onCommit: wake,
    onReady: offset => shared.begin(offset),
    onNews(one) {
      news.push(one)
      wake()
    },
    minWaitMs: 1,
    minCommitMs: 1,
    maxWaitMs: 4,
    ...setting.options
  })
  onTestFinished(() => lane.stop(0))
  const until = (condition: () => boolean): Promise<void> =>
    new Promise(resolve => {
      const check = (): void => {
        if (!condition()) return
        changed.delete(check)
        resolve()
      }
      changed.add(check)
      check()
    })

  return {
    lane,
    journal,
    shared,
    dead,
    news,
    /** Resolves when a commit or a piece of news makes it true. */
    until,
    /** Resolves when all that the journal has is committed. */
    done: (): Promise<void> => until(() => lane.status().position === journal.end)
  }
}
