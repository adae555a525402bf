interface Entry {
  readonly at: number
  readonly run: (at: number) => void
}

/** Things to do at given times (µs), in the order of time; knows no clock but what it is told. */
export function createAgenda(now: number) {
  const entries: Entry[] = []
  let horizon = now

  function add(at: number, run: Entry['run']): void {
    const later = entries.findIndex(entry => entry.at > at)
    entries.splice(later < 0 ? entries.length : later, 0, { at, run })
  }

  return {
    at: add,
    /** First after `first` seconds from the start, then every `period` seconds; what was missed while nobody looked stays missed. */
    every(period: number, first: number, run: Entry['run']): void {
      const again = (at: number) => {
        add(Math.max(at + period * 1e6, horizon), again)
        run(at)
      }
      add(now + first * 1e6, again)
    },
    /** Does what is due, also what comes up meanwhile. */
    runUntil(time: number): void {
      horizon = time
      for (let next = entries[0]; next !== undefined && next.at <= time; next = entries[0]) {
        entries.shift()
        next.run(next.at)
      }
    }
  }
}

export type Agenda = ReturnType<typeof createAgenda>
