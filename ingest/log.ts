/** What ingest needs of a log: past-tense sentences with fields. Pino's loggers fit. */
export interface Log {
  info(fields: object, sentence: string): void
  warn(fields: object, sentence: string): void
  error(fields: object, sentence: string): void
}

/** Ten thousand senders with the same trouble are one line a minute. */
const repeatMs = 60_000

/** Lets one line of each kind through per minute; what is held back is counted elsewhere. */
export function createRareLog(write: (fields: object, sentence: string) => void, now: () => number = Date.now) {
  const last = new Map<string, number>()
  return (kind: string, fields: object, sentence: string): void => {
    const time = now()
    if (time - (last.get(kind) ?? Number.NEGATIVE_INFINITY) < repeatMs) return
    last.set(kind, time)
    write(fields, sentence)
  }
}
