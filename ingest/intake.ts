import type { Journal } from '../src/core/contract.ts'
import { createGeneration, type Generation } from '../src/core/identity.ts'
import type { Listener } from '../src/core/record.ts'
import type { Counts } from './counts.ts'
import { Framing, type FramingRules } from './framing.ts'
import type { Log } from './log.ts'
import { createPartitionWriter } from './partition-writer.ts'
import { type Arrival, createPlacementByApp, createPlacementInOne, type Placement } from './placement.ts'
import { Rest } from './rest.ts'

export interface IntakeOptions {
  readonly journal: Journal
  readonly partitions: number
  readonly listener: Listener
  readonly maxFrameBytes: number
  readonly counts: Counts
  readonly log: Log
  /** Numbers the records; one per process is enough. */
  readonly generation?: Generation
  /** The pause before a record that the journal refused is appended again; it doubles up to 5 s. */
  readonly firstRetryMs?: number
  /** How long `stop` waits for the journal; 2 s by default. */
  readonly settleMs?: number
}

/** Where a listener's bytes become records. */
export interface Intake {
  /** A new connection; `resume` is called when reading may go on after `push` or `add` said false. */
  open(resume: () => void): IntakeStream
  /**
   * Resolves when all that was taken is safe, or cannot be within `settleMs`, as when the journal is full: the rest is counted as
   * `stopped`. End the streams first.
   */
  stop(): Promise<void>
}

/** Our end of one connection. Holds bytes only while a frame is not whole, or the journal is behind. */
export interface IntakeStream {
  /** Takes bytes; the caller may reuse them at once. False: stop reading until `resume`. */
  push(bytes: Buffer, from: number, to: number): boolean
  /** Takes one frame that is whole. False: not taken, offer it again after `resume`. */
  add(frame: Buffer, marks: number): boolean
  /** The connection is closed. */
  end(): void
  /** Whether reading is stopped because the journal is behind. */
  readonly waiting: boolean
}

/** The streams that wait for a builder, in the order in which they came. */
interface Queue {
  add(stream: Stream): void
}

const nothing = Buffer.alloc(0)

class Stream implements IntakeStream, Arrival {
  readonly connection: number
  readonly framing: Framing
  readonly rest = new Rest()
  closed = false
  waiting = false
  readonly #placement: Placement
  readonly #counts: Counts
  readonly #queue: Queue
  readonly #resume: () => void

  constructor(
    connection: number,
    rules: FramingRules,
    placement: Placement,
    counts: Counts,
    queue: Queue,
    resume: () => void
  ) {
    this.connection = connection
    this.framing = new Framing(rules)
    this.#placement = placement
    this.#counts = counts
    this.#queue = queue
    this.#resume = resume
  }

  push(bytes: Buffer, from: number, to: number): boolean {
    this.#counts.bytes += to - from
    if (this.waiting || !this.framing.wants(this.rest.length, bytes, from, to)) {
      this.rest.append(bytes, from, to)
      return !this.waiting
    }
    return this.#walk(bytes, from, to)
  }

  add(frame: Buffer, marks: number): boolean {
    if (this.#placement.add(this.connection, frame, marks)) return true
    this.#wait()
    return false
  }

  end(): void {
    this.closed = true
    if (!this.waiting && this.rest.length > 0) this.#walk(nothing, 0, 0)
  }

  /** False: there was no room, and it waits again. */
  goOn(): boolean {
    this.waiting = false
    if (this.rest.length > 0 && !this.#walk(nothing, 0, 0)) return false
    if (!this.closed) this.#resume()
    return true
  }

  #walk(bytes: Buffer, from: number, to: number): boolean {
    if (this.#placement.walk(this, bytes, from, to)) return true
    this.#wait()
    return false
  }

  #wait(): void {
    this.waiting = true
    this.#queue.add(this)
  }
}

/**
 * Cuts what connections give at frame boundaries and puts it into records: what all sockets of a partition gave in one turn of the
 * event loop is one record. Nothing is dropped: when the journal does not keep up, `push` says false until it does.
 */
export function createIntake(options: IntakeOptions): Intake {
  const { journal, partitions, listener, maxFrameBytes, counts, log, firstRetryMs = 100, settleMs = 2000 } = options
  const generation = options.generation ?? createGeneration()
  const rules: FramingRules = { maxFrameBytes, count: problem => counts.problem(problem) }
  const waiting = new Set<Stream>()
  let connections = 0
  let waking = false

  const writers = Array.from({ length: partitions }, (_, partition) =>
    createPartitionWriter({ journal, partition, listener, generation, counts, log, firstRetryMs, onFree: wake })
  )
  const placement = partitions === 1 ? createPlacementInOne(writers[0]!, counts) : createPlacementByApp(writers, counts)

  /** They go on as far as the free builders go. */
  function wake(): void {
    if (waking) return
    waking = true
    for (const stream of waiting) {
      waiting.delete(stream)
      if (!stream.goOn()) break
    }
    waking = false
  }

  /** A stop must not wait for a journal that stands still. */
  function giveUp(): void {
    const frames = writers.reduce((sum, writer) => sum + writer.giveUp(), 0)
    log.error({ listener, frames }, 'Lines that had come could not be stored before the stop.')
  }

  return {
    open(resume) {
      connections = (connections + 1) >>> 0
      return new Stream(connections, rules, placement, counts, waiting, resume)
    },
    async stop() {
      const late = setTimeout(giveUp, settleMs)
      do await Promise.all(writers.map(writer => writer.idle()))
      while (waiting.size > 0 && !writers.some(writer => writer.stopped))
      clearTimeout(late)
      if (waiting.size > 0) counts.problem('stopped', waiting.size)
      waiting.clear()
    }
  }
}
