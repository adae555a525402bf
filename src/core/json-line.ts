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
  /** Where the values that encoders splice lie, for `safe` lines; see jsonRanges. */
  readonly ranges: Int32Array | undefined
  readonly rangesAt: number
  readonly level: Level | undefined
  readonly message: string | undefined
  /** The app's own time as ISO 8601, if it has one that we understand. */
  readonly time: string | undefined
  /** The same as ms since 1970, if the app wrote it as a number. */
  readonly timeMillis: number | undefined
  readonly error: AppError | undefined
  readonly traceId: string | undefined
  readonly spanId: string | undefined
  /** The object, parsed anew at each call; undefined where JSON.parse refuses it. */
  parse(): Readonly<Record<string, unknown>> | undefined
}

/**
 * What stands in a safe line's ranges, from `rangesAt` on. Start and end of four values as JSON, quotes included, whose text is what
 * the getter answers; the start is -1 where the line has no such value, -2 where only the getter can tell. `time` is
 * `YYYY-MM-DDThh:mm:ss` with a fraction of up to nine digits or none, and `Z`. Then the first value that may be the time, as it is
 * there, whatever it is (start -1 if there is none). Then the numbers outside arrays, for which one
 * may write a dotted path: how many integers they take, or -1 where a path needs a closer look (a dot within a key, too many, too
 * long); and for each in the order of the line [path segments, start and end of each segment's key …, start and end of the number].
 */
export const jsonRanges = { message: 0, time: 2, trace: 4, span: 6, created: 8, numbers: 10 } as const
