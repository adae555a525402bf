/** Between two lines where nobody watches, and between two pictures where somebody does, ms. */
const lineMs = 5000
const pictureMs = 100
const barLength = 24

export interface ProgressOptions {
  readonly total: number
  readonly out: (text: string) => Promise<void>
  /** A line that changes; else a line every few seconds. */
  readonly watched: boolean
}

/** How far a replay is, by the bytes of the journal: share, lines, lines per second, time left. */
export function createProgress({ total, out, watched }: ProgressOptions) {
  const startedAt = performance.now()
  let shownAt = startedAt
  return {
    async show(bytes: number, frames: number): Promise<void> {
      const now = performance.now()
      if (now - shownAt < (watched ? pictureMs : lineMs)) return
      shownAt = now
      const seconds = (now - startedAt) / 1000
      const share = bytes / total
      const left = share === 0 ? '' : `, ${duration((seconds / share) * (1 - share))} left`
      const text = `${Math.floor(share * 100)} %, ${frames} lines, ${Math.round(frames / seconds)}/s${left}`
      await out(watched ? `\r[${bar(share)}] ${text}\x1b[K` : `${text}\n`)
    },
    /** Makes room for something else. */
    clear: (): Promise<void> => (watched ? out('\r\x1b[K') : Promise.resolve())
  }
}

const bar = (share: number): string => '#'.repeat(Math.floor(share * barLength)).padEnd(barLength, '-')

/** For people: 45 s, 5 min, 2 h 5 min. */
export function duration(seconds: number): string {
  const minutes = Math.round(seconds / 60)
  if (seconds < 60) return `${Math.ceil(seconds)} s`
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
