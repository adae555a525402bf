/** What of the journal a sink gets once more, by receipt time: the journal knows no other. */
export interface ReplayQuery {
  /** A lane's name. */
  readonly sink: string
  /** ms since 1970; both ends belong to the range, an absent one is open. */
  readonly from?: number
  readonly to?: number
}

/** What the journal holds of a range, for one sink. */
export interface ReplayRange {
  /** Whether the sink can write over what it has. */
  readonly replaces: boolean
  readonly partitions: readonly ReplayPart[]
}

export interface ReplayPart {
  readonly partition: number
  /** Where the range begins in the journal, and where it ends: at the lane's cursor, if not before. */
  readonly position: number
  readonly end: number
  /** Bytes of the range behind the lane's cursor: they come by themselves. */
  readonly waiting: number
  /** Receipt time of the oldest record that is kept, ms since 1970; absent where there is none. */
  readonly begins?: number
}

/**
 * `missing` stores what the sink does not have; `replace` writes over what it has, under the same ids, and stores the rest; `count`
 * reads only.
 */
export const replayModes = ['missing', 'replace', 'count'] as const
export type ReplayMode = (typeof replayModes)[number]

/** Frames of one step at most, whatever is asked for: of a write, and of what is read to be counted. */
export const maxStepFrames = 2000
export const maxCountedFrames = 100_000

export interface ReplayStepQuery {
  readonly sink: string
  readonly partition: number
  /** Of a ReplayPart, or of the step before. */
  readonly position: number
  readonly end: number
  /** Frames, about: a step is made of whole records. */
  readonly limit: number
  readonly mode: ReplayMode
}

/** What became of some frames: frames = stored + replaced + duplicate + filtered + refused, unless they were only counted. */
export interface ReplayCounts {
  readonly frames: number
  readonly stored: number
  /** Written over what the store had. */
  readonly replaced: number
  /** Left as the store had them; and POSTs that had come before. */
  readonly duplicate: number
  /** Left out by a rule: a processor's, or the sink does not take this kind. */
  readonly filtered: number
  /** The store blames them. They are no dead letters: those that were are there since the first time. */
  readonly refused: number
}

export interface ReplayStep extends ReplayCounts {
  /** Where the next step begins; the range's end when all is done. */
  readonly position: number
  /** Receipt time of the last record, ms since 1970; absent where none was read. */
  readonly receivedAt?: number
  /** Bytes that hold no record: removed from the journal meanwhile, or damaged. */
  readonly gone: number
  /** Why some were refused, without repetitions, at most ten. */
  readonly reasons: readonly string[]
}

/** Of a lane, since the start. */
export interface ReplayCount extends ReplayCounts {
  readonly lane: string
}

export const noFrames: ReplayCounts = { frames: 0, stored: 0, replaced: 0, duplicate: 0, filtered: 0, refused: 0 }

export const addCounts = (a: ReplayCounts, b: ReplayCounts): ReplayCounts => ({
  frames: a.frames + b.frames,
  stored: a.stored + b.stored,
  replaced: a.replaced + b.replaced,
  duplicate: a.duplicate + b.duplicate,
  filtered: a.filtered + b.filtered,
  refused: a.refused + b.refused
})
