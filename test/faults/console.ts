export type Tell = (line: string) => void

/** What a person reads while it runs; `tell` says when, in seconds since `startClock`. */
export function createConsole() {
  let began = performance.now()
  const say: Tell = line => void process.stdout.write(`${line}\n`)
  return {
    say,
    elapsedMs: (): number => performance.now() - began,
    startClock: (): void => void (began = performance.now()),
    tell: ((line: string) =>
      say(`${((performance.now() - began) / 1000).toFixed(1).padStart(7)} s  ${line}`)) satisfies Tell
  }
}
export type Console = ReturnType<typeof createConsole>
