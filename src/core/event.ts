import type { JsonLine } from './json-line.ts'
import type { RecordView } from './record.ts'
import type { RouterLine } from './router-line.ts'
import type { Source } from './source.ts'

/** Log levels, least severe first; `levels.indexOf` is what the parsers carry. */
export const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
export type Level = (typeof levels)[number]

export type Stream = 'stdout' | 'stderr'

/**
 * What went wrong with an event that is kept all the same. Sinks show them as tags.
 * `truncated`: longer than the frame limit. `resynchronised`: followed bytes skipped after a wrong octet count.
 * `not_utf8`: some bytes are no UTF-8; the text has U+FFFD there and the bytes are kept. `unparsed`: no RFC 5424 message.
 * `time_out_of_range`: no usable timestamp, the receipt time stands in. `nul`: there are NUL bytes in it. `json_rewritten`: the app's
 * JSON has keys that are equal, empty or escaped, line feeds, numbers or a depth that a store may refuse as sent, so it is printed
 * anew. `processor_failed`: a processor threw. `redacted`: something secret was taken out of it.
 */
export type Mark =
  | 'truncated'
  | 'resynchronised'
  | 'not_utf8'
  | 'unparsed'
  | 'time_out_of_range'
  | 'nul'
  | 'json_rewritten'
  | 'processor_failed'
  | 'redacted'

export const noMarks: readonly Mark[] = []

/** What all events have. Immutable: a processor returns new ones. */
abstract class Base {
  readonly record: RecordView
  /** Index of the frame in its record; ECS `event.sequence`. */
  readonly frame: number
  readonly source: Source
  /** µs since 1970, from the frame; the receipt time if that is out of range (see `marks`). */
  readonly timeMicros: number
  /** Number of earlier frames of the same source and microsecond in the same record, at most 999: digits 7 to 9 of the time. */
  readonly tieBreak: number
  readonly marks: readonly Mark[]

  constructor(
    record: RecordView,
    frame: number,
    source: Source,
    timeMicros: number,
    tieBreak: number,
    marks: readonly Mark[]
  ) {
    this.record = record
    this.frame = frame
    this.source = source
    this.timeMicros = timeMicros
    this.tieBreak = tieBreak
    this.marks = marks
  }

  /** 32 base64url characters; the same content always has the same id (identity.ts). */
  get id(): string {
    return this.record.eventId(this.frame)
  }

  get receiptTime(): number {
    return this.record.receiptTime
  }

  /** The frame's own timestamp as sent, where the receipt time stands in for it. */
  get originalTime(): string | undefined {
    if (!this.marks.includes('time_out_of_range')) return undefined
    return this.record.frameBytes(this.frame).toString('latin1', 0, 256).split(' ', 2)[1]
  }

  /** How many bytes of the record the event holds: what a batch is bounded by. */
  get byteLength(): number {
    return this.record.frameLength(this.frame)
  }

  /** `2026-11-24T04:29:03.785942001Z`: µs of the sender and the tie-break. */
  get timestamp(): string {
    return isoNanos(this.timeMicros, this.tieBreak)
  }
}

/** Record, frame, source, time, tie-break and marks: what every event is made with. */
export type BaseArguments = ConstructorParameters<typeof Base>

/** What a processor may change of a log; whatever is not named stays. */
export interface LogChanges {
  readonly message?: string
  readonly level?: Level
  /** Replaces what a parser found; `undefined` removes it. */
  readonly detail?: RouterLine | JsonLine | undefined
  readonly marks?: readonly Mark[]
  /** Frames that were joined to this one: `message` holds their text too. */
  readonly parts?: readonly Part[]
}

/** Frames of a record, by its position, that an event of another frame stands for. */
export interface Part {
  readonly position: number
  readonly frames: number
}

/**
 * A line of log. Its text stays bytes of the record until somebody asks: `message` and the getters of `detail` make strings on
 * demand, and a sink's fast encoder reads the bytes of an event without `changes`.
 */
export class LogEvent extends Base {
  readonly kind = 'log'
  /** PRI as sent: 14 stdout, 11 stderr, -1 a log of unknown type. */
  readonly priority: number
  /** The text's bytes in `record.bytes`, without the final line feed. */
  readonly messageStart: number
  readonly messageEnd: number
  readonly detail: RouterLine | JsonLine | undefined
  readonly changes: LogChanges | undefined
  /** Why the frame is no RFC 5424 message, in words, where `marks` has `unparsed`. */
  readonly problem: string | undefined
  #text: string | undefined

  constructor(
    record: RecordView,
    frame: number,
    source: Source,
    timeMicros: number,
    tieBreak: number,
    marks: readonly Mark[],
    priority: number,
    messageStart: number,
    messageEnd: number,
    detail?: RouterLine | JsonLine,
    changes?: LogChanges,
    problem?: string
  ) {
    super(record, frame, source, timeMicros, tieBreak, marks)
    this.priority = priority
    this.messageStart = messageStart
    this.messageEnd = messageEnd
    this.detail = detail
    this.changes = changes
    this.problem = problem
  }

  /** Other content, other id: of an event to which others were joined it ends with the number of its frames. */
  override get id(): string {
    const parts = this.changes?.parts
    return parts === undefined ? super.id : joinedId(super.id, parts)
  }

  /** The line as sent (without its final line feed), or as a processor left it. */
  get text(): string {
    return this.changes?.message ?? this.originalText
  }

  get originalText(): string {
    return (this.#text ??= this.record.bytes.toString('utf8', this.messageStart, this.messageEnd))
  }

  /** What people read: the message within the app's JSON, else the line. */
  get message(): string {
    if (this.changes?.message !== undefined) return this.changes.message
    return (this.detail?.kind === 'json' ? this.detail.message : undefined) ?? this.text
  }

  get stream(): Stream | undefined {
    return this.priority === 14 ? 'stdout' : this.priority === 11 ? 'stderr' : undefined
  }

  /** The app's own level, else what PRI's severity means (RFC 5424 section 6.2.1): stderr is `error`, stdout is `info`. */
  get level(): Level {
    return (
      this.changes?.level ??
      (this.detail?.kind === 'json' ? this.detail.level : undefined) ??
      levelOfPriority(this.priority)
    )
  }

  /** The line's bytes as base64 where they are no UTF-8, else undefined. */
  get originalBase64(): string | undefined {
    return this.marks.includes('not_utf8')
      ? this.record.bytes.toString('base64', this.messageStart, this.messageEnd)
      : undefined
  }

  /** A new event with what a parser found, unchanged otherwise. */
  withDetail(detail: RouterLine | JsonLine): LogEvent {
    return new LogEvent(
      this.record,
      this.frame,
      this.source,
      this.timeMicros,
      this.tieBreak,
      this.marks,
      this.priority,
      this.messageStart,
      this.messageEnd,
      detail,
      this.changes,
      this.problem
    )
  }

  /** A new event with another text, in a copy of its record (rewritten-record.ts); nothing that was read from the old one stays. */
  withText(record: RecordView, messageStart: number, messageEnd: number, marks: readonly Mark[]): LogEvent {
    const { level, message } = this.changes ?? {}
    return new LogEvent(
      record,
      this.frame,
      this.source,
      this.timeMicros,
      this.tieBreak,
      marks,
      this.priority,
      messageStart,
      messageEnd,
      undefined,
      this.changes && { ...(level && { level }), ...(message !== undefined && { message }) },
      this.problem
    )
  }

  /** A new event that differs in what is named. */
  with(changes: LogChanges): LogEvent {
    return new LogEvent(
      this.record,
      this.frame,
      this.source,
      this.timeMicros,
      this.tieBreak,
      changes.marks ?? this.marks,
      this.priority,
      this.messageStart,
      this.messageEnd,
      'detail' in changes ? changes.detail : this.detail,
      { ...this.changes, ...changes },
      this.problem
    )
  }
}

/** One metric of a gauge envelope (gauge@47450). `value` may be NaN or infinite: stores may not take that. */
export class GaugeEvent extends Base {
  readonly kind = 'gauge'
  readonly name: string
  readonly value: number
  readonly unit: string

  constructor(base: BaseArguments, name: string, value: number, unit: string) {
    super(...base)
    this.name = name
    this.value = value
    this.unit = unit
  }
}

/** counter@47450. Totals are unsigned 64-bit: exact only as BigInt. */
export class CounterEvent extends Base {
  readonly kind = 'counter'
  readonly name: string
  readonly total: bigint
  readonly delta: bigint

  constructor(base: BaseArguments, name: string, total: bigint, delta: bigint) {
    super(...base)
    this.name = name
    this.total = total
    this.delta = delta
  }
}

/** timer@47450. `start` and `stop` are ns since 1970. */
export class TimerEvent extends Base {
  readonly kind = 'timer'
  readonly name: string
  readonly start: bigint
  readonly stop: bigint

  constructor(base: BaseArguments, name: string, start: bigint, stop: bigint) {
    super(...base)
    this.name = name
    this.start = start
    this.stop = stop
  }

  get durationMs(): number {
    return Number(this.stop - this.start) / 1e6
  }
}

/** event@47450: something that the platform says of an app. */
export class PlatformEvent extends Base {
  readonly kind = 'event'
  readonly title: string
  readonly body: string

  constructor(base: BaseArguments, title: string, body: string) {
    super(...base)
    this.title = title
    this.body = body
  }
}

export type Event = LogEvent | GaugeEvent | CounterEvent | TimerEvent | PlatformEvent
export type EventKind = Event['kind']

const noParts: readonly Part[] = []
/** The frames that an event stands for besides its own. */
export const partsOf = (event: Event): readonly Part[] =>
  (event.kind === 'log' ? event.changes?.parts : undefined) ?? noParts

export const isLog = (event: Event): event is LogEvent => event.kind === 'log'

/** Whether it is an event at all: a user's function may answer anything. */
export const isEvent = (value: unknown): value is Event => value instanceof Base

/** RFC 5424 6.2.1: severity is PRI modulo 8. */
export function levelOfPriority(priority: number): Level {
  const severity = priority < 0 ? 6 : priority & 7
  return severity <= 2
    ? 'fatal'
    : severity === 3
      ? 'error'
      : severity === 4
        ? 'warn'
        : severity === 7
          ? 'debug'
          : 'info'
}

const joinedId = (id: string, parts: readonly Part[]): string =>
  `${id}.${parts.reduce((sum, { frames }) => sum + frames, 1)}`

let lastSecond = Number.NaN
let lastSecondText = ''

/** ISO 8601 with nine digits, UTC. */
export function isoNanos(micros: number, tieBreak: number): string {
  const second = Math.floor(micros / 1e6)
  if (second !== lastSecond) {
    lastSecondText = new Date(second * 1000).toISOString().slice(0, -4)
    lastSecond = second
  }
  return `${lastSecondText}${(micros - second * 1e6).toString().padStart(6, '0')}${tieBreak.toString().padStart(3, '0')}Z`
}

/** A new event that differs in what every event is made with. */
export function withBase(event: Event, base: BaseArguments): Event {
  switch (event.kind) {
    case 'log': {
      const { priority, messageStart, messageEnd, detail, changes, problem } = event
      return new LogEvent(...base, priority, messageStart, messageEnd, detail, changes, problem)
    }
    case 'gauge':
      return new GaugeEvent(base, event.name, event.value, event.unit)
    case 'counter':
      return new CounterEvent(base, event.name, event.total, event.delta)
    case 'timer':
      return new TimerEvent(base, event.name, event.start, event.stop)
    case 'event':
      return new PlatformEvent(base, event.title, event.body)
  }
}
