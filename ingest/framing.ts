import { frameResynchronised, frameTruncated } from '../src/core/record.ts'
import {
  findCounted,
  findSwallowed,
  isCountStart,
  isDigit,
  isSeparator,
  lessThan,
  lineEnd,
  lineFeed,
  maxCountDigits,
  space
} from './frame-start.ts'

/** 128 KiB: twice what the platform lets through (lines of 61,440 bytes, executor's log_streamer; router lines of 65,400). */
export const defaultMaxFrameBytes = 128 * 1024
export const maxMaxFrameBytes = 4 * 1024 * 1024

/**
 * What was wrong with a stream. `malformed`: bytes that are no frame, kept as one all the same. `truncated`: longer than the
 * limit. `resynchronised`: found a frame again after a wrong octet count. `unfinished`: the connection ended within a frame,
 * which was dropped; the agent sends it again.
 */
export type FramingProblem = 'malformed' | 'truncated' | 'resynchronised' | 'unfinished'

export interface FramingRules {
  readonly maxFrameBytes: number
  count(problem: FramingProblem): void
}

/** Where the frames go. */
export interface FrameSink {
  /** A frame lies at `start` in the walked bytes; `marks` are record.ts' frame… constants. False: not now, stop here. */
  take(start: number, length: number, marks: number): boolean
}

/** Nothing was decided: more bytes are needed, or the sink is full. */
const stay = -1

/**
 * Cuts the byte stream of one connection at frame boundaries (RFC 6587): octet counting (`118 <14>1 …`, also without the SP) or
 * line feeds, told apart at each frame's first byte; LF, CR, SP and NUL between frames are skipped. A counted frame keeps its
 * final line feed. A frame is given as soon as it is whole, and where the stream was split into reads never matters.
 *
 * Counts may be wrong. Too small: the rest of the message is a frame of its own. Too large: the message ends in the middle of
 * what it swallowed, so one that does not end with a line feed is searched for frames. Bytes that are no frame are kept line by
 * line, until a frame begins; that one is marked.
 */
export class Framing {
  readonly #rules: FramingRules
  /** Bytes to skip of a counted frame longer than the limit. */
  #skip = 0
  /** The same for a frame that ends with a line feed. */
  #skipLine = false
  /** An octet count was wrong, and no frame was found since. */
  #lost = false
  /** The last frame had a count. */
  #counted = false
  /** The last frame had a count and no final line feed, and nothing came since. */
  #endedPlain = false
  /** This sender puts no line feeds at the end of counted messages. */
  #plain = false
  /** As many bytes as an unfinished frame needs; 0 when that is not known. */
  #need = 0
  #needsLine = false
  /** The first line feed after where the walk is, found once: a walk takes time in proportion to its bytes. */
  #lineEnd = -1

  constructor(rules: FramingRules) {
    this.#rules = rules
  }

  /** Whether it is of use to walk now, with `bytes` after a rest of `rest` bytes: else they may wait together. */
  wants(rest: number, bytes: Buffer, from: number, to: number): boolean {
    const length = rest + to - from
    if (rest === 0) return true
    if (this.#need > 0) return length >= this.#need
    if (this.#needsLine) return length > this.#rules.maxFrameBytes || lineEnd(bytes, from, to) < to
    return true
  }

  /**
   * Gives the frames of `bytes` between `from` and `to`, and returns where the rest begins: the caller keeps it and puts it before
   * the next bytes. `closed`: there will be none.
   */
  walk(bytes: Buffer, from: number, to: number, sink: FrameSink, closed = false): number {
    const { maxFrameBytes } = this.#rules
    this.#need = 0
    this.#needsLine = false
    this.#lineEnd = -1
    let at = from
    for (;;) {
      if (this.#skip > 0 || this.#skipLine) at = this.#skipRest(bytes, at, to)
      const end = at
      while (at < to && isSeparator(bytes[at]!)) at++
      if (at > end) this.#endedPlain = false
      if (at >= to) return to

      const first = bytes[at]!
      let next = stay
      if (isCountStart(first)) {
        let count = first - 0x30
        let message = at + 1
        while (message < to && message - at <= maxCountDigits && isDigit(bytes[message]!)) {
          count = count * 10 + bytes[message]! - 0x30
          message++
        }
        const digits = message - at
        if (message < to && bytes[message] === space) message++
        if (digits > maxCountDigits) next = this.#garbage(bytes, at, to, sink, closed)
        else if (message === to) next = this.#unfinished(to, closed)
        else if (bytes[message] !== lessThan) {
          if (bytes[message - 1] === space) this.#lost = true
          next = this.#garbage(bytes, at, to, sink, closed)
        } else if (count <= maxFrameBytes && message + count <= to && bytes[message + count - 1] === lineFeed) {
          if (!sink.take(message, count, this.#lost ? frameResynchronised : 0)) return at
          if (this.#lost) this.#found()
          this.#counted = true
          this.#settlePlain(false)
          next = message + count
        } else next = this.#doubtful(bytes, at, message, count, to, sink, closed)
      } else if (first === lessThan) next = this.#line(bytes, at, to, sink, closed)
      else next = this.#garbage(bytes, at, to, sink, closed)

      if (next === stay) return at
      at = next
    }
  }

  #skipRest(bytes: Buffer, at: number, to: number): number {
    if (this.#skipLine) {
      const end = lineEnd(bytes, at, to)
      if (end < to) this.#skipLine = false
      return end
    }
    const skipped = Math.min(this.#skip, to - at)
    this.#skip -= skipped
    return at + skipped
  }

  #found(): void {
    this.#lost = false
    this.#rules.count('resynchronised')
  }

  #unfinished(to: number, closed: boolean): number {
    if (!closed) return stay
    this.#rules.count('unfinished')
    return to
  }

  /** One counted frame directly behind another that has no final line feed: this sender never sends them. */
  #settlePlain(endsPlain: boolean): void {
    if (this.#endedPlain) this.#plain = true
    this.#endedPlain = endsPlain
  }

  /** A counted frame that is not whole, is longer than the limit, or does not end with a line feed. */
  #doubtful(
    bytes: Buffer,
    at: number,
    message: number,
    count: number,
    to: number,
    sink: FrameSink,
    closed: boolean
  ): number {
    const length = Math.min(count, this.#rules.maxFrameBytes)
    const end = message + length
    if (end > to && !closed) {
      this.#need = end - at
      return stay
    }
    const marks = this.#lost ? frameResynchronised : 0
    const tooLong = count > length
    // All there is to judge by: what follows a frame that is too long is never kept.
    const known = tooLong ? Math.min(end, to) : to
    const swallowed = findSwallowed(bytes, message, Math.min(end, to), known, {
      joined: !this.#plain,
      closed: closed || tooLong
    })
    if (swallowed === -2) return stay
    if (swallowed >= 0) {
      if (!sink.take(message, swallowed - message, marks)) return stay
      if (this.#lost) this.#found()
      this.#lost = true
      this.#counted = true
      this.#endedPlain = false
      return swallowed
    }
    if (end > to) return this.#unfinished(to, closed)
    if (!sink.take(message, length, tooLong ? marks | frameTruncated : marks)) return stay
    if (this.#lost) this.#found()
    if (tooLong) this.#rules.count('truncated')
    this.#skip = count - length
    this.#counted = true
    this.#settlePlain(!tooLong)
    return end
  }

  /** The next line feed, at or after `at`; `to` if there is none. */
  #nextLineEnd(bytes: Buffer, at: number, to: number): number {
    if (this.#lineEnd < at) this.#lineEnd = lineEnd(bytes, at, to)
    return this.#lineEnd
  }

  /** A frame that ends with a line feed, which is no part of it. */
  #line(bytes: Buffer, at: number, to: number, sink: FrameSink, closed: boolean): number {
    if (at + 1 === to) return this.#unfinished(to, closed)
    if (!isDigit(bytes[at + 1]!) && bytes[at + 1] !== 0x2d) return this.#garbage(bytes, at, to, sink, closed)
    const { maxFrameBytes } = this.#rules
    const lineFeedAt = this.#nextLineEnd(bytes, at, to)
    if (lineFeedAt === to && to - at <= maxFrameBytes) {
      this.#needsLine = true
      return this.#unfinished(to, closed)
    }
    const tooLong = lineFeedAt - at > maxFrameBytes
    const end = tooLong ? at + maxFrameBytes : withoutReturn(bytes, at, lineFeedAt)
    const marks = (this.#lost ? frameResynchronised : 0) | (tooLong ? frameTruncated : 0)
    if (!sink.take(at, end - at, marks)) return stay
    if (this.#lost) this.#found()
    if (tooLong) this.#rules.count('truncated')
    this.#counted = false
    this.#endedPlain = false
    this.#skipLine = tooLong
    return tooLong ? end : lineFeedAt
  }

  /** No frame begins here: what there is up to the line feed, the limit, or a frame in the midst, is kept as it came. */
  #garbage(bytes: Buffer, at: number, to: number, sink: FrameSink, closed: boolean): number {
    const { maxFrameBytes } = this.#rules
    if (this.#counted) this.#lost = true
    const lineFeedAt = this.#nextLineEnd(bytes, at, to)
    if (lineFeedAt === to && to - at <= maxFrameBytes && !closed) {
      this.#needsLine = true
      return stay
    }
    const tooLong = lineFeedAt - at > maxFrameBytes
    const end = tooLong ? at + maxFrameBytes : lineFeedAt
    const counted = findCounted(bytes, at, end)
    const next = counted > at ? counted : end
    const kept = tooLong && next === end ? end : withoutReturn(bytes, at, next)
    if (!sink.take(at, kept - at, tooLong && next === end ? frameTruncated : 0)) return stay
    this.#rules.count('malformed')
    if (counted > at) this.#lost = true
    this.#endedPlain = false
    return next
  }
}

/** Where a line ends that may end with CR LF. */
const withoutReturn = (bytes: Buffer, start: number, end: number): number =>
  end - 1 > start && bytes[end - 1] === 0x0d ? end - 1 : end
