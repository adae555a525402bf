import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/**
 * Ends the output of a run with one plain line, `N passed, N failed` and, where there are any, `, N skipped`, for people and programs that
 * read the end only. Before it come the test files that were left out.
 *
 * It is printed when the process exits, since coverage is reported after the last call a reporter gets.
 */
export default class ClosingLine implements Reporter {
  private readonly leftOut: string[]
  private counts = { passed: 0, failed: 0, skipped: 0 }

  constructor({ leftOut = [] }: { leftOut?: string[] } = {}) {
    this.leftOut = leftOut
  }

  onInit(): void {
    process.once('exit', code => {
      for (const file of this.leftOut) process.stdout.write(`left out: ${file}\n`)
      process.stdout.write(`${closingLine(this.counts, code)}\n`)
    })
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    this.counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    for (const module of modules) {
      if (module.errors().length > 0) this.counts.failed++ // it could not be loaded, and has no tests
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) this.counts.failed++
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        this.counts[state === 'pending' ? 'skipped' : state]++
      }
    }
  }
}

/** A run that fails without a failed test, as when its global setup throws, counts as one failure. */
function closingLine({ passed, failed, skipped }: ClosingLine['counts'], exitCode: number): string {
  const atLeast = exitCode === 0 ? 0 : 1
  const line = `${passed} passed, ${Math.max(failed, atLeast)} failed`
  return skipped > 0 ? `${line}, ${skipped} skipped` : line
}
