import type { Journal } from '../src/core/contract.ts'
import { CulvertError, messageOf } from '../src/core/errors.ts'
import { type Generation, maxRecordBytes } from '../src/core/identity.ts'
import { headerBytes, type Listener, RecordBuilder } from '../src/core/record.ts'
import type { Counts } from './counts.ts'
import type { Log } from './log.ts'

/** Builders of a partition: one is filled while the others are written. Their number is what backpressure begins at. */
export const poolSize = 4
export const builderBytes = 1024 * 1024
/** Beside the frames of a record that holds an oversize frame. */
const tableBytes = 8 * 1024
const maxRetryMs = 5_000
/** The pause while we stop. */
const hurriedRetryMs = 100

export interface PartitionWriterOptions {
  readonly journal: Journal
  readonly partition: number
  readonly listener: Listener
  readonly generation: Generation
  readonly counts: Counts
  readonly log: Log
  /** The pause before a refused record is appended again; doubles up to 5 s. */
  readonly firstRetryMs: number
  /** A builder is free again, or the journal has stopped. */
  onFree(): void
}

interface Pending {
  readonly builder: RecordBuilder
  readonly record: Buffer
  flying: boolean
}

/**
 * Makes records of what all sockets gave for one partition and appends them. While the journal writes one, the next fills: that is
 * the group commit. A record that the journal refuses is appended again, the same bytes with the same id, for as long as it takes.
 */
export function createPartitionWriter(options: PartitionWriterOptions) {
  const { journal, partition, listener, generation, counts, log, firstRetryMs, onFree } = options
  const free: RecordBuilder[] = []
  /** Finished records that are not safe yet, in order. */
  const pending: Pending[] = []
  let filling: RecordBuilder | undefined
  let scheduled = false
  let refusals = 0
  let pausing: NodeJS.Timeout | undefined
  let hurried = false
  let stopped = false
  let idle: (() => void)[] = []

  function release(builder: RecordBuilder): void {
    builder.reset()
    if (builder.bytes.length === builderBytes) free.push(builder)
  }

  function settle(): void {
    if (filling === undefined && pending.length === 0) {
      for (const resolve of idle) resolve()
      idle = []
    }
    onFree()
  }

  /** Hands what was filled to the journal. */
  function flush(): void {
    if (filling === undefined) return
    const builder = filling
    filling = undefined
    if (builder.frameCount === 0) {
      release(builder)
      return
    }
    if (stopped) {
      drop(builder)
      return
    }
    pending.push({ builder, record: builder.finish(generation.next(), 'stream', listener), flying: false })
    appendPending()
  }

  function appendPending(): void {
    if (pausing !== undefined) return
    for (const entry of pending) {
      if (!entry.flying) {
        entry.flying = true
        journal.append(partition, entry.record).then(
          () => safe(entry),
          error => refused(entry, error)
        )
      }
      // After a refusal the oldest goes alone: the order stays, and a full journal is not asked four times.
      if (refusals > 0) return
    }
  }

  function safe(entry: Pending): void {
    // Given up: the answer comes too late.
    if (!pending.includes(entry)) return
    pending.splice(pending.indexOf(entry), 1)
    release(entry.builder)
    if (refusals > 0) log.info({ listener, partition, refusals }, 'The journal took records again.')
    refusals = 0
    appendPending()
    if (pending.length === 0) flush()
    settle()
  }

  function refused(entry: Pending, error: unknown): void {
    entry.flying = false
    if (!pending.includes(entry)) return
    if (stopped || (error instanceof CulvertError && error.code === 'JOURNAL_STOPPED')) {
      stop()
      return
    }
    if (refusals === 0)
      log.warn({ listener, partition, reason: messageOf(error) }, 'The journal refused a record and will get it again.')
    counts.problem('journal_refused')
    const pauseMs = Math.min(hurried ? hurriedRetryMs : maxRetryMs, firstRetryMs * 2 ** Math.min(refusals, 16))
    refusals++
    pausing ??= setTimeout(() => {
      pausing = undefined
      appendPending()
    }, pauseMs)
  }

  /** Nothing more can be made safe: what is not on its way is lost, and counted. */
  function stop(): void {
    stopped = true
    clearTimeout(pausing)
    const lost = pending.filter(entry => !entry.flying)
    for (const entry of lost) {
      pending.splice(pending.indexOf(entry), 1)
      drop(entry.builder)
    }
    flush()
    settle()
  }

  function drop(builder: RecordBuilder): void {
    counts.problem('stopped', builder.frameCount)
    release(builder)
  }

  return {
    get stopped() {
      return stopped
    },

    /** A builder with room for a frame of `bytes`; undefined while the journal has all of them. */
    builder(bytes: number): RecordBuilder | undefined {
      if (filling !== undefined && filling.room() >= bytes) return filling
      flush()
      if (stopped || pending.length >= poolSize) return undefined
      const enough = bytes + headerBytes + tableBytes
      filling =
        enough <= builderBytes
          ? (free.pop() ?? new RecordBuilder(builderBytes))
          : new RecordBuilder(Math.min(enough, maxRecordBytes))
      return filling
    },

    /** What was filled goes out when this turn of the event loop ends, or when the journal is done with what it has. */
    schedule(): void {
      if (scheduled) return
      scheduled = true
      setImmediate(() => {
        scheduled = false
        if (pending.length === 0) flush()
      })
    },

    flush,

    /** Resolves when everything that was filled is safe (or the journal has stopped, or `giveUp` was called). */
    idle(): Promise<void> {
      hurried = true
      flush()
      if (pausing !== undefined) {
        clearTimeout(pausing)
        pausing = undefined
        appendPending()
      }
      if (pending.length === 0) return Promise.resolve()
      return new Promise(resolve => void idle.push(resolve))
    },

    /** Waits no longer: what is not safe counts as lost, also what is on its way. Returns how many frames that are. */
    giveUp(): number {
      const lost = pending.reduce((sum, { builder }) => sum + builder.frameCount, filling?.frameCount ?? 0)
      for (const entry of pending) entry.flying = false
      stop()
      return lost
    }
  }
}
export type PartitionWriter = ReturnType<typeof createPartitionWriter>
