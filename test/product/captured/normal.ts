/** To µs, what the sender said; digits 7 to 9 tell apart what came together, which is chance on a stream. */
export const toMicros = (time: string): string => {
  const [whole = '', fraction = ''] = time.replace('Z', '').split('.')
  return `${whole}.${fraction.slice(0, 6).padEnd(6, '0')}Z`
}

/** The long line is a run of one character, and stands in a golden file as that. */
export const withoutRuns = (text: string): string =>
  text.replace(/(.)\1{999,}/g, (run, character: string) => `${character} × ${run.length}`)

/** In the order of their times; those of one microsecond by their text. */
export const inOrder = <T>(items: readonly T[], key: (item: T) => readonly string[]): T[] =>
  items.toSorted((a, b) => (key(a).join('\n') < key(b).join('\n') ? -1 : 1))
