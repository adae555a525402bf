import type { Journal } from '../src/core/contract.ts'
import { createGeneration, type Generation } from '../src/core/identity.ts'
import type { Listener } from '../src/core/record.ts'
import type { Counts } from './counts.ts'
import { Framing, type FramingRules } from './framing.ts'
import type { Log } from './log.ts'
import { createPartitionWriter } from './partition-writer.ts'
import { type Arrival, createPlacementByApp, createPlacementInOne, type Placement } from './placement.ts'
import { Rest } from './rest.ts'
import { createRoom, type Holder, type Room } from './room.ts'

export interface IntakeOptions {
  readonly journal: Journal
  readonly partitions: number
  readonly listener: Listener
  readonly maxFrameBytes: number
  readonly counts: Counts
  readonly log: Log
  /** Memory for frames that are not whole, of all listeners; without it the intake has its own. */
  readonly room?: Room
  /** Numbers the records; one per process is enough. */
  readonly generation?: Generation
  /** The pause before a record that the journal refused is appended again; it doubles up to 5 s. */
  readonly firstRetryMs?: number
  /** How long `stop` waits for the journal; 2 s by default. */
  readonly settleMs?: number
}

/** Where a listener's bytes become records. */
export interface Intake {
  /**
   * A new connection; `resume` is called when reading may go on after `push` or `add` said false, `refuse` when it is to be closed: it
   * holds a part of a frame, and there is no memory for it.
   */
  open(resume: () => void, refuse?: () => void): IntakeStream
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
  /** Whether reading is stopped because the journal is behind, or there is no room for a frame that is not whole. */
  readonly waiting: boolean
}

/** The streams that wait for a builder, in the order in which they came. */
interface Queue {
  add(stream: Stream): void
}

const nothing = Buffer.alloc(0)
const defaultRoomBytes = 32 * 2 ** 20

class Stream implements IntakeStream, Arrival, Holder {
  readonly connection: number
  readonly framing: Framing
  readonly rest: Rest
  closed = false
  /** For a builder, and for room. */
  #waiting = false
  #cramped = false
  readonly #room: Room
  readonly #placement: Placement
  readonly #counts: Counts
  readonly #queue: Queue
  readonly #resume: () => void
  /** There is no room: close the connection. */
  readonly refuse: () => void

  constructor(
    connection: number,
    rules: FramingRules,
    placement: Placement,
    counts: Counts,
    queue: Queue,
    room: Room,
    resume: () => void,
    refuse: () => void
  ) {
    this.connection = connection
    this.framing = new Framing(rules)
    this.rest = new Rest(room)
    this.#room = room
    this.#placement = placement
    this.#counts = counts
    this.#queue = queue
    this.#resume = resume
    this.refuse = refuse
  }

  get waiting(): boolean {
    return this.#waiting || this.#cramped
  }

  push(bytes: Buffer, from: number, to: number): boolean {
    this.#counts.bytes += to - from
    const before = this.rest.heldBytes
    if (this.#waiting || !this.framing.wants(this.rest.length, bytes, from, to)) this.rest.append(bytes, from, to)
    else this.#walk(bytes, from, to)
    if (before > 0 || this.rest.heldBytes > 0) this.#hold()
    return !this.waiting
  }

  add(frame: Buffer, marks: number): boolean {
    if (this.#placement.add(this.connection, frame, marks)) return true
    this.#wait()
    return false
  }

  end(): void {
    this.closed = true
    if (!this.#waiting && this.rest.length > 0) this.#walk(nothing, 0, 0)
    if (!this.#waiting) this.#leave()
  }

  /** There is a builder. False: it was not enough, and it waits again. */
  retry(): boolean {
    this.#waiting = false
    const before = this.rest.heldBytes
    if (this.rest.length > 0 && !this.#walk(nothing, 0, 0)) return false
    if (this.closed) this.#leave()
    else {
      if (before > 0) this.#hold()
      if (!this.waiting) this.#resume()
    }
    return true
  }

  /** There is room. */
  goOn(): void {
    this.#cramped = false
    if (!this.closed && !this.#waiting) this.#resume()
  }

  #hold(): void {
    this.#cramped = !this.#room.hold(this, this.rest.heldBytes)
  }

  /** What is left of a frame is dropped: nobody sends the rest of it. */
  #leave(): void {
    this.rest.keep(nothing, 0, 0)
    this.#room.hold(this, 0)
  }

  #walk(bytes: Buffer, from: number, to: number): boolean {
    if (this.#placement.walk(this, bytes, from, to)) return true
    this.#wait()
    return false
  }

  #wait(): void {
    this.#waiting = true
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
  const room = options.room ?? createRoom(defaultRoomBytes)
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
      if (!stream.retry()) break
    }
    waking = false
  }

  /** A stop must not wait for a journal that stands still. */
  function giveUp(): void {
    const frames = writers.reduce((sum, writer) => sum + writer.giveUp(), 0)
    log.error({ listener, frames }, 'Lines that had come could not be stored before the stop.')
  }

  return {
    open(resume, refuse = () => {}) {
      connections = (connections + 1) >>> 0
      return new Stream(connections, rules, placement, counts, waiting, room, resume, refuse)
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
