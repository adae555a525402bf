const head = /^<-?\d{1,3}>1 (\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})) /

/** The time of a message's header in ms since 1970; undefined if it has none or one before 1970. */
export function parseDrainTime(text: string): number | undefined {
  const ms = Date.parse(head.exec(text)?.[1] ?? '')
  return Number.isNaN(ms) || ms < 0 ? undefined : ms
}
