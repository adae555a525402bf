/** One kind of secret: how it is found and what of it is replaced. */
export interface Detector {
  readonly name: string
  /** What it looks for, for the reference. */
  readonly about: string
  /** Bytes of which at least one is in every line that has such a secret: see prefilter.ts. */
  readonly needles: readonly Needle[]
  /**
   * The text with `mask` in place of each secret; the same text where there is none. Takes time in proportion to the text's length,
   * whatever it holds.
   */
  redact(text: string, mask: string): string
}

export interface Needle {
  /** ASCII, without quotes, slashes and backslashes, which JSON may write in several ways. */
  readonly text: string
  /**
   * A closer look at a place where it stands, so that fewer lines are searched in vain; `start` and `end` are the line's. False only
   * where no secret can be at that place.
   */
  readonly mayBe?: (bytes: Buffer, start: number, at: number, end: number) => boolean
}

export const needle = (text: string): Needle => ({ text })
