import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { RedactOptions } from '../../processors/redact.ts'

export interface RedactCase {
  readonly name: string
  /** Texts of lines, and what is left of them. */
  readonly input: readonly string[]
  readonly expected: readonly string[]
  readonly options: RedactOptions
}

const folder = new URL('./redact/', import.meta.url)
const linesOf = (name: string): string[] => readFileSync(new URL(name, folder), 'utf8').trimEnd().split('\n')

/**
 * The cases of test/cases/redact/<what>/: `input` and `expected`, a line each; `options.json` where they are others than the default, with
 * patterns as text. With CULVERT_TEST_UPDATE=1 a missing `expected` is written by `redacted`, to be read and committed.
 */
export function redactCases(redacted?: (input: readonly string[], options: RedactOptions) => readonly string[]): RedactCase[] {
  return readdirSync(folder).map(name => {
    const input = linesOf(`${name}/input`)
    const options = optionsOf(name)
    const expected = new URL(`${name}/expected`, folder)
    if (process.env.CULVERT_TEST_UPDATE === '1' && redacted !== undefined && !existsSync(expected))
      writeFileSync(expected, `${redacted(input, options).join('\n')}\n`)
    return { name, input, expected: linesOf(`${name}/expected`), options }
  })
}

function optionsOf(name: string): RedactOptions {
  const file = `${name}/options.json`
  if (!existsSync(new URL(file, folder))) return {}
  const { pattern, ...options } = JSON.parse(linesOf(file).join('\n')) as RedactOptions & { pattern?: string[] }
  return pattern === undefined ? options : { ...options, pattern: pattern.map(source => new RegExp(source, 'g')) }
}
