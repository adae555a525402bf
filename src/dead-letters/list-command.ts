import { loadConfig } from '../config.ts'
import type { DeadLetter, DeadLetterQuery, DeadLetterReasons, DeadLetterRow } from '../core/dead-letter.ts'
import { type Terminal, wrongUsage } from '../terminal.ts'
import { readArguments } from './arguments.ts'
import { type Found, findLetters } from './find.ts'
import { frameText, rowOf } from './letter.ts'
import { createDeadLetterReader } from './reader.ts'

/** Letters that are read before they are printed. */
const lettersPerPage = 100
const pageBytes = 8 * 2 ** 20

/**
 * `culvert dead-letters [ID] [--lane NAME] [--q TEXT] [--app NAME] [--json]`: the letters that wait, newest first, and why; with an id or --json whole,
 * one line of JSON each. Reads the files, whether Culvert runs or not.
 */
export async function listCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { env, out, err } = terminal
  const given = readArguments(args, ['json'])
  if (typeof given === 'string' || given.words.length > 1) {
    err(`culvert: ${typeof given === 'string' ? given : 'one id at most'}\n`)
    return wrongUsage
  }
  const { filter, flags, words } = given
  const { dataDir } = await loadConfig(env)
  const [id] = words
  if (id !== undefined) {
    const letter = await createDeadLetterReader(dataDir).letter(id, filter.lane)
    if (letter === undefined) err(`culvert: no dead letter of the event ${id} waits\n`)
    else await out(`${JSON.stringify(letter, null, flags.has('json') ? 0 : 2)}\n`)
    return letter === undefined ? 1 : 0
  }
  const skipped = flags.has('json')
    ? await print(dataDir, filter, whole, letter => out(`${JSON.stringify(letter)}\n`))
    : await print(dataDir, filter, rowOf, row => out(linesOf(row)))
  if (!flags.has('json')) await out(summaryOf(await createDeadLetterReader(dataDir).reasons(filter)))
  if (skipped > 0) err(`culvert: ${skipped} lines of the files are no letters\n`)
  return 0
}

const whole = (letter: DeadLetter) => ({ ...letter, text: frameText(letter) })

/** Page by page; answers how many lines were no letters. */
async function print<T>(
  dir: string,
  filter: Omit<DeadLetterQuery, 'limit'>,
  keep: (letter: DeadLetter) => T,
  show: (letter: T) => Promise<void>
): Promise<number> {
  let skipped = 0
  let cursor: string | undefined
  do {
    const query = { ...filter, limit: lettersPerPage, ...(cursor === undefined ? {} : { cursor }) }
    const page: Found<T> = await findLetters(dir, query, keep, { maxBytes: pageBytes })
    for (const letter of page.letters) await show(letter)
    skipped += page.skipped
    cursor = page.next
  } while (cursor !== undefined)
  return skipped
}

const control = /\p{Cc}+/gu
const shownChars = 200
const oneLine = (text: string): string => text.replace(control, ' ').trim().slice(0, shownChars)

const linesOf = ({ at, lane, app, type, reason, text, id }: DeadLetterRow): string =>
  `${at}  ${lane}  ${[app, type].filter(word => word !== '').join(' ') || '-'}  ${id}\n` +
  `  ${oneLine(reason)}\n  > ${oneLine(text)}\n`

/** How many there are and why: what comes last is what one sees. */
export function summaryOf({ reasons, letters, complete }: DeadLetterReasons): string {
  if (letters === 0) return 'No dead letters wait.\n'
  const count = `${complete ? '' : 'more than '}${letters} ${letters === 1 ? 'dead letter waits' : 'dead letters wait'}`
  const lines = reasons.map(
    ({ letters: some, lane, reason }) => `${String(some).padStart(7)}  ${lane}  ${oneLine(reason)}`
  )
  return `\n${count}:\n${lines.join('\n')}\n`
}
