const EVERY_MS = 10_000

/** One line on stderr. Standard output belongs to the test runner's report. */
export function say(line: string): void {
  process.stderr.write(`[services] ${line}\n`)
}

/** Does `work` and says so: when it begins, every ten seconds while it lasts, and when it is done. */
export async function withProgress<T>(what: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const seconds = () => `${Math.round((performance.now() - began) / 1000)} s`
  say(`${what}: begins`)
  const timer = setInterval(() => say(`${what}: ${seconds()} so far`), EVERY_MS)
  try {
    const result = await work()
    say(`${what}: done in ${seconds()}`)
    return result
  } finally {
    clearInterval(timer)
  }
}
