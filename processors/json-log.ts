import type { Processor } from '../src/core/contract.ts'
import type { Level } from '../src/core/event.ts'
import type { AppError, JsonLine, JsonRanges, NumberRanges } from '../src/core/json-line.ts'
import { errorOf, levelOf, looksLikeTraceId, timeOf } from './json-fields.ts'
import { errorKeys, type KnownKey, levelKeys, messageKeys, spanKeys, timeKeys, traceKeys } from './json-keys.ts'
import { createJsonScanner, type Scan, slotOf } from './json-scan.ts'
import { isText, isTraceId, isUtcTime } from './json-values.ts'
import { eachLog } from './processor.ts'

/**
 * Reads lines that are one JSON object, in the shapes of pino, bunyan, winston, logback, log4j2, zap, logrus, structlog and ECS:
 * message, level, time, error, trace and span id. The object itself stays as it was sent. Anything else stays a line of text.
 */
export function jsonLog(): Processor {
  const scan = createJsonScanner()
  return eachLog('json-log', event => {
    const { bytes } = event.record
    if (event.changes?.message !== undefined || event.detail !== undefined || event.source.type === 'RTR') return event
    let { messageStart: start, messageEnd: end } = event
    while (bytes[start] === 0x20) start++
    while (end > start && (bytes[end - 1] === 0x20 || bytes[end - 1] === 0x0d)) end--
    if (bytes[start] !== 0x7b || bytes[end - 1] !== 0x7d || event.marks.includes('not_utf8')) return event
    const found = scan(bytes, start, end)
    if (found.verdict === 'invalid') return event
    if (found.verdict === 'safe') return event.with({ detail: new ScannedLine(bytes, start, end, found) })
    const parsed = parseObject(bytes.toString('utf8', start, end))
    return parsed === undefined ? event : event.with({ detail: new ParsedLine(start, end, parsed) })
  })
}

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** What both kinds of lines answer, given how to look a top-level value up. */
abstract class Line implements JsonLine {
  readonly kind = 'json'
  readonly start: number
  readonly end: number
  abstract readonly safe: boolean
  abstract readonly level: Level | undefined
  abstract readonly ranges: JsonRanges | undefined
  abstract readonly numbers: NumberRanges | undefined
  abstract value(key: KnownKey): unknown
  abstract parse(): Json | undefined

  constructor(start: number, end: number) {
    this.start = start
    this.end = end
  }

  get message(): string | undefined {
    for (const key of messageKeys) {
      const value = this.value(key)
      if (typeof value === 'string') return value
    }
    return undefined
  }

  protected findLevel(): Level | undefined {
    for (const key of levelKeys) {
      const value = this.value(key)
      const level = levelOf(key === 'log' && isObject(value) ? value.level : value)
      if (level !== undefined) return level
    }
    return undefined
  }

  get time(): string | undefined {
    for (const key of timeKeys) {
      const time = timeOf(this.value(key))
      if (time !== undefined) return time
    }
    return undefined
  }

  get error(): AppError | undefined {
    return errorOf(Object.fromEntries(errorKeys.map(key => [key, this.value(key)])))
  }

  get traceId(): string | undefined {
    return this.#id(traceKeys)
  }

  get spanId(): string | undefined {
    return this.#id(spanKeys)
  }

  #id(keys: readonly KnownKey[]): string | undefined {
    for (const key of keys) {
      const value = this.value(key)
      const id = isObject(value) ? value.id : value
      if (looksLikeTraceId(id)) return id
    }
    return undefined
  }
}

/** A line whose bytes are safe to splice; values are read from their ranges on demand. */
class ScannedLine extends Line {
  override readonly safe = true
  override readonly ranges: JsonRanges
  override readonly numbers: NumberRanges | undefined
  override readonly level: Level | undefined
  readonly #bytes: Buffer
  readonly #values: Int32Array
  readonly #hasError: boolean

  constructor(bytes: Buffer, start: number, end: number, scan: Scan) {
    super(start, end)
    this.#bytes = bytes
    this.#values = scan.values.slice()
    this.numbers = scan.numbers[0] === -1 ? undefined : scan.numbers
    this.#hasError = firstOf(scan.values, errorSlots) >= 0
    this.level = quickLevel(bytes, scan.values) ?? this.findLevel()
    this.ranges = new Int32Array(8)
    this.#range(0, messageSlots, isText)
    this.#range(2, timeSlots, isUtcTime)
    this.#range(4, traceSlots, isTraceId)
    this.#range(6, spanSlots, isTraceId)
  }

  /** A range counts if the first value that is there passes the byte test; else the getter has to look. */
  #range(at: number, slots: readonly number[], test: (bytes: Uint8Array, start: number, end: number) => boolean): void {
    const found = firstOf(this.#values, slots)
    if (found < 0) this.ranges[at] = -1
    else {
      const start = this.#values[found]!
      const end = this.#values[found + 1]!
      const passes = test(this.#bytes, start, end)
      this.ranges[at] = passes ? start : -2
      this.ranges[at + 1] = passes ? end : 0
    }
  }

  override get error(): AppError | undefined {
    return this.#hasError ? super.error : undefined
  }

  override value(key: KnownKey): unknown {
    const at = slotOf.get(key)! * 2
    const from = this.#values[at]!
    return from === 0 ? undefined : JSON.parse(this.#bytes.toString('utf8', from, this.#values[at + 1]))
  }

  override parse(): Json | undefined {
    return parseObject(this.#bytes.toString('utf8', this.start, this.end))
  }
}

/** A line that needed a closer look: it is kept parsed. */
class ParsedLine extends Line {
  override readonly safe = false
  override readonly ranges = undefined
  override readonly numbers = undefined
  override readonly level: Level | undefined
  readonly #object: Json

  constructor(start: number, end: number, object: Json) {
    super(start, end)
    this.#object = object
    this.level = this.findLevel()
  }

  override value(key: KnownKey): unknown {
    return Object.hasOwn(this.#object, key) ? this.#object[key] : undefined
  }

  override parse(): Json {
    return this.#object
  }
}

const doubled = (keys: readonly KnownKey[]): readonly number[] => keys.map(key => slotOf.get(key)! * 2)
const messageSlots = doubled(messageKeys)
const timeSlots = doubled(timeKeys)
const errorSlots = doubled(errorKeys)
const traceSlots = doubled(traceKeys)
const spanSlots = doubled(spanKeys)
const levelSlot = slotOf.get('level')! * 2

function firstOf(values: Int32Array, slots: readonly number[]): number {
  for (let i = 0; i < slots.length; i++) if (values[slots[i]!] !== 0) return slots[i]!
  return -1
}

const quickLevels: ReadonlyMap<number, Level> = new Map(
  (['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const).map(level => [wordOf(Buffer.from(level), 0), level])
)

/** The first four letters of a word, in lower case, as a number: distinct for the six levels. */
function wordOf(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at]! | 0x20) +
    (bytes[at + 1]! | 0x20) * 256 +
    (bytes[at + 2]! | 0x20) * 65536 +
    (bytes[at + 3]! | 0x20) * 16777216
  )
}

/** The level of `"level":"info"` and the like, without a string; undefined where only `levelOf` can tell. */
function quickLevel(bytes: Uint8Array, values: Int32Array): Level | undefined {
  const start = values[levelSlot]!
  if (start === 0 || bytes[start] !== 0x22) return undefined
  const level = quickLevels.get(wordOf(bytes, start + 1))
  if (level === undefined || values[levelSlot + 1]! - start !== level.length + 2) return undefined
  return level.length === 4 || (bytes[start + 5]! | 0x20) === level.charCodeAt(4) ? level : undefined
}
