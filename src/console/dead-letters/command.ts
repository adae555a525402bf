import type { DeadLetterFilter } from '../../core/dead-letter.ts'

/** What puts the letters of a filter back, for a shell. */
export function replayCommand({ lane, q, app }: DeadLetterFilter): string {
  const options = Object.entries({ lane, q, app }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${quoted(value)}`]
  )
  return ['culvert replay --dead-letters', ...options].join(' ')
}

const quoted = (text: string): string => (/^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
