import type { Processor } from '../src/core/contract.ts'
import { type Level, levels } from '../src/core/event.ts'
import { type AppError, type JsonLine, jsonRanges } from '../src/core/json-line.ts'
import { epochMillis, errorOf, levelOf, looksLikeTraceId, timeOf } from './json-fields.ts'
import { errorKeys, type KnownKey, levelKeys, messageKeys, spanKeys, timeKeys, traceKeys } from './json-keys.ts'
import { type Bytes, createJsonScanner, type JsonScanner, slotOf } from './json-scan.ts'
import { isText, isTraceId, isUtcTime, plainNumber } from './json-values.ts'
import { eachLog } from './processor.ts'

/**
 * Reads lines that are one JSON object, in the shapes of pino, bunyan, winston, logback, log4j2, zap, logrus, structlog and ECS:
 * message, level, time, error, trace and span id. The object itself stays as it was sent. Anything else stays a line of text.
 */
export function jsonLog(): Processor {
  const scanner = createJsonScanner()
  return eachLog('json-log', event => {
    const { record } = event
    const { bytes } = record
    if (event.changes?.message !== undefined || event.detail !== undefined || event.source.type === 'RTR') return event
    let { messageStart: start, messageEnd: end } = event
    while (bytes[start] === 0x20) start++
    while (end > start && (bytes[end - 1] === 0x20 || bytes[end - 1] === 0x0d)) end--
    if (bytes[start] !== 0x7b || bytes[end - 1] !== 0x7d || event.marks.includes('not_utf8')) return event
    const verdict = scanner.scan(record, start, end)
    if (verdict === 'invalid') return event
    if (verdict === 'safe') return event.withDetail(new ScannedLine(record, start, end, scanner))
    const parsed = parseObject(bytes.toString('utf8', start, end))
    if (parsed === undefined) return event
    return event.with({ detail: new ParsedLine(start, end, parsed), marks: [...event.marks, 'json_rewritten'] })
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
  abstract readonly ranges: Int32Array | undefined
  abstract readonly rangesAt: number
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

  get timeMillis(): number | undefined {
    for (const key of timeKeys) {
      const value = this.value(key)
      const millis = typeof value === 'number' ? epochMillis(value) : undefined
      if (millis !== undefined) return millis
      if (timeOf(value) !== undefined) return undefined
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

/** A line whose bytes are safe to splice; other values than those in the ranges are looked for anew, on demand. */
class ScannedLine extends Line {
  override readonly safe = true
  override readonly ranges: Int32Array
  override readonly rangesAt: number
  override readonly level: Level | undefined
  readonly #record: Bytes
  readonly #scanner: JsonScanner
  readonly #hasError: boolean
  #values: Int32Array | undefined

  /** Right after `scanner` has found the line safe. */
  constructor(record: Bytes, start: number, end: number, scanner: JsonScanner) {
    super(start, end)
    const { bytes } = record
    const { pool, values, rangesEnd } = scanner.found
    const { ints, at } = pool
    pool.at = rangesEnd
    this.ranges = ints
    this.rangesAt = at
    this.#record = record
    this.#scanner = scanner
    this.#hasError = firstOf(values, errorSlots) >= 0
    putRange(ints, at + jsonRanges.message, bytes, values, messageSlots, isText)
    putRange(ints, at + jsonRanges.time, bytes, values, timeSlots, isUtcTime)
    putRange(ints, at + jsonRanges.created, bytes, values, timeSlots, () => true)
    putRange(ints, at + jsonRanges.trace, bytes, values, traceSlots, isTraceId)
    putRange(ints, at + jsonRanges.span, bytes, values, spanSlots, isTraceId)
    this.level = firstOf(values, levelSlots) < 0 ? undefined : (quickLevel(bytes, values) ?? this.findLevel())
  }

  override get error(): AppError | undefined {
    return this.#hasError ? super.error : undefined
  }

  override get time(): string | undefined {
    const created = this.#created()
    return created === undefined ? undefined : (timeOf(JSON.parse(created)) ?? super.time)
  }

  override get timeMillis(): number | undefined {
    const at = this.rangesAt + jsonRanges.created
    const start = this.ranges[at]!
    if (start < 0) return undefined
    const { bytes } = this.#record
    const value = plainNumber(bytes, start, this.ranges[at + 1]!)
    return (Number.isNaN(value) ? undefined : epochMillis(value)) ?? super.timeMillis
  }

  #created(): string | undefined {
    const at = this.rangesAt + jsonRanges.created
    const start = this.ranges[at]!
    return start < 0 ? undefined : this.#record.bytes.toString('utf8', start, this.ranges[at + 1])
  }

  override value(key: KnownKey): unknown {
    const values = this.#found()
    const at = slotOf.get(key)! * 2
    const from = values[at]!
    return from === 0 ? undefined : JSON.parse(this.#record.bytes.toString('utf8', from, values[at + 1]))
  }

  #found(): Int32Array {
    if (this.#values === undefined) {
      this.#scanner.scan(this.#record, this.start, this.end)
      this.#values = this.#scanner.found.values.slice()
    }
    return this.#values
  }

  override parse(): Json | undefined {
    return parseObject(this.#record.bytes.toString('utf8', this.start, this.end))
  }
}

/** A range counts if the first value that is there passes the byte test; else the getter has to look. */
function putRange(
  ints: Int32Array,
  at: number,
  bytes: Uint8Array,
  values: Int32Array,
  slots: readonly number[],
  test: (bytes: Uint8Array, start: number, end: number) => boolean
): void {
  const found = firstOf(values, slots)
  if (found < 0) {
    ints[at] = -1
    return
  }
  const start = values[found]!
  const end = values[found + 1]!
  const passes = test(bytes, start, end)
  ints[at] = passes ? start : -2
  ints[at + 1] = passes ? end : 0
}

/** A line that needed a closer look: it is kept parsed. */
class ParsedLine extends Line {
  override readonly safe = false
  override readonly ranges = undefined
  override readonly rangesAt = 0
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
const levelSlots = doubled(levelKeys)

function firstOf(values: Int32Array, slots: readonly number[]): number {
  for (let i = 0; i < slots.length; i++) if (values[slots[i]!] !== 0) return slots[i]!
  return -1
}

const quickLevels: ReadonlyMap<number, Level> = new Map(levels.map(level => [wordOf(Buffer.from(level), 0), level]))

/** The first four letters of a word, in lower case, as a number: distinct for the six levels. */
function wordOf(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at]! | 0x20) +
    (bytes[at + 1]! | 0x20) * 256 +
    (bytes[at + 2]! | 0x20) * 65536 +
    (bytes[at + 3]! | 0x20) * 16777216
  )
}

/** The level of `"level":"info"`, `"level":30` and the like, without a string; undefined where only `levelOf` can tell. */
function quickLevel(bytes: Uint8Array, values: Int32Array): Level | undefined {
  const slot = firstOf(values, levelSlots)
  if (slot < 0) return undefined
  const start = values[slot]!
  const length = values[slot + 1]! - start
  if (bytes[start] === 0x22) {
    const level = quickLevels.get(wordOf(bytes, start + 1))
    if (level === undefined || length !== level.length + 2) return undefined
    return level.length === 4 || (bytes[start + 5]! | 0x20) === level.charCodeAt(4) ? level : undefined
  }
  const tens = bytes[start]! - 0x31
  return length === 2 && bytes[start + 1]! >= 0x30 && bytes[start + 1]! <= 0x39 ? levels[tens] : undefined
}
