import type { Entry, JournalReader } from '../core/contract.ts'
import { CulvertError } from '../core/errors.ts'
import type { RecordView } from '../core/record.ts'

/** How long a walk waits for the step that goes on with it. */
const idleMs = 60_000

/** A record between two positions; `repeated`: a POST that had come before. `gone` bytes before it hold no record. */
export interface Passed {
  readonly record: RecordView
  readonly repeated: boolean
  readonly gone: number
}

/**
 * A reading of a partition that goes on from step to step: whoever begins one must look at the POSTs of the 15 minutes before, so that
 * repeated ones are known.
 */
export function createWalk(
  journal: Pick<JournalReader, 'read'>,
  partition: number,
  position: number,
  onIdle: () => void
) {
  const closing = new AbortController()
  const entries = journal.read(partition, position, closing.signal)[Symbol.asyncIterator]()
  const idle = setTimeout(onIdle, idleMs).unref()
  let next = position

  function passed(record: RecordView, repeated: boolean): Passed {
    const gone = record.position - next
    next = record.nextPosition
    return { record, repeated, gone }
  }

  return {
    partition,
    get next() {
      return next
    },
    /** The next record; undefined where there is none before `end`: then the walk is over, and must not be gone on with. */
    async pull(end: number): Promise<Passed | undefined> {
      idle.refresh()
      if (next >= end) return undefined
      const { value, done }: IteratorResult<Entry> = await entries.next()
      if (done) throw new CulvertError('JOURNAL_STOPPED', 'The journal is read no more.', { retryable: true })
      if ('tick' in value) return undefined
      const repeated = 'repeated' in value
      const record = repeated ? value.repeated : value.record
      return record.position < end ? passed(record, repeated) : undefined
    },
    async close(): Promise<void> {
      clearTimeout(idle)
      closing.abort()
      await entries.return?.()
    }
  }
}
export type Walk = ReturnType<typeof createWalk>
