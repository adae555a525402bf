import { parseArgs } from 'node:util'
import type { DeadLetterFilter } from '../core/dead-letter.ts'

const filterOptions = {
  lane: { type: 'string' },
  q: { type: 'string' },
  app: { type: 'string' }
} as const

export interface Arguments<F extends string> {
  readonly filter: DeadLetterFilter
  readonly flags: ReadonlySet<F>
  readonly words: readonly string[]
}

/** Filter, flags and other words of a command line; a sentence where it cannot be read. */
export function readArguments<F extends string>(args: readonly string[], flags: readonly F[]): Arguments<F> | string {
  const options = { ...filterOptions, ...Object.fromEntries(flags.map(flag => [flag, { type: 'boolean' as const }])) }
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    const given = new Map<string, string | boolean | undefined>(Object.entries(values))
    const filter = Object.fromEntries(
      Object.keys(filterOptions).flatMap(key => {
        const value = given.get(key)
        return typeof value === 'string' ? [[key, value]] : []
      })
    )
    return { filter, flags: new Set(flags.filter(flag => given.get(flag) === true)), words: positionals }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
