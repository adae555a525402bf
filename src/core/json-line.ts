import type { Level } from './event.ts'

/** What an app's error field says, in ECS terms. */
export interface AppError {
  readonly type?: string
  readonly message?: string
  readonly stack?: string
}

/**
 * What the json-log processor found in an app's JSON line. All ranges are byte offsets into the record; strings are made on
 * demand. `safe` says that the object's bytes may be spliced into another JSON document as they are: one object, valid, no
 * duplicate or escaped keys, no line feed, bounded depth. Else encoders parse and print.
 */
export interface JsonLine {
  readonly kind: 'json'
  /** The object's bytes. */
  readonly start: number
  readonly end: number
  readonly safe: boolean
  /** Where the values that encoders splice lie, for `safe` lines; see JsonRanges. */
  readonly ranges: JsonRanges | undefined
  readonly level: Level | undefined
  readonly message: string | undefined
  /** The app's own time as ISO 8601, if it has one that we understand. */
  readonly time: string | undefined
  readonly error: AppError | undefined
  readonly traceId: string | undefined
  readonly spanId: string | undefined
  /** The object, parsed anew at each call; undefined where JSON.parse refuses it. */
  parse(): Readonly<Record<string, unknown>> | undefined
  /**
   * Numbers outside arrays by dotted path, in the order of the line: the bytes of path segments and of the number.
   * Only for `safe` lines; `undefined` where a path needs a closer look (dots within a key, too many, too long).
   */
  readonly numbers: NumberRanges | undefined
}

/** Flat list: for each number its [segments, start and end of each segment's key …, start and end of the number]. */
export type NumberRanges = readonly number[]

/**
 * [message start, end, time start, end, trace start, end, span start, end]: the values as JSON, quotes included, whose text is what
 * the getter answers. Start is -1 where the line has no such value, -2 where only the getter can tell. `time` is `YYYY-MM-DDThh:mm:ss`
 * with a fraction of up to nine digits or none, and `Z`.
 */
export type JsonRanges = Int32Array
