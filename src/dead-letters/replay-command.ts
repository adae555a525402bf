import { z } from 'zod'
import { callApi } from '../api-call.ts'
import { type Config, loadConfig } from '../config.ts'
import type { DeadLetterFilter } from '../core/dead-letter.ts'
import { type Terminal, wrongUsage } from '../terminal.ts'
import { readArguments } from './arguments.ts'
import { findLetters } from './find.ts'
import { summaryOf } from './list-command.ts'
import { createDeadLetterReader } from './reader.ts'

/** Letters of one call: what is done shows so often. */
const lettersPerStep = 500

const outcome = z.object({
  lane: z.string(),
  putBack: z.number(),
  duplicate: z.number(),
  refused: z.number(),
  problem: z.string().optional()
})
const stepAnswer = z.object({ lanes: z.array(outcome), reasons: z.array(z.string()), next: z.string().optional() })

/**
 * `culvert replay --dead-letters [--lane NAME] [--q TEXT] [--app NAME] [--dry-run] [--yes]`: asks the running Culvert to put the letters that fit
 * back, step by step. Answers 1 where not all were taken: the rest waits, and the command may be given again.
 */
export async function replayCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { env, out, err, ask } = terminal
  const given = readArguments(args, ['dead-letters', 'dry-run', 'yes'])
  if (typeof given === 'string' || given.words.length > 0 || !given.flags.has('dead-letters')) {
    err(`culvert: ${typeof given === 'string' ? given : 'replay --dead-letters, and a filter'}\n`)
    return wrongUsage
  }
  const { filter, flags } = given
  const config = await loadConfig(env)
  await out(summaryOf(await createDeadLetterReader(config.dataDir).reasons(filter)))
  const total = await countOf(config.dataDir, filter)
  if (total === 0 || flags.has('dry-run')) return 0
  if (!flags.has('yes')) {
    if (ask === undefined) {
      err('culvert: say --yes to put them back\n')
      return wrongUsage
    }
    const answer = await ask(`Put ${total === 1 ? 'it' : `all ${total}`} back? [y/N] `)
    if (!/^y(es)?$/i.test(answer.trim())) return 0
  }
  return putBack(config, filter, total, terminal)
}

async function countOf(dir: string, filter: DeadLetterFilter): Promise<number> {
  let total = 0
  let cursor: string | undefined
  do {
    const query = { ...filter, limit: Number.MAX_SAFE_INTEGER, ...(cursor === undefined ? {} : { cursor }) }
    const page: { next?: string } = await findLetters(dir, query, () => {
      total++
    })
    cursor = page.next
  } while (cursor !== undefined)
  return total
}

async function putBack(config: Config, filter: DeadLetterFilter, total: number, terminal: Terminal): Promise<number> {
  const { out, err, ask } = terminal
  const sum = { putBack: 0, duplicate: 0, refused: 0 }
  const reasons = new Set<string>()
  const done = (): string =>
    `${sum.putBack} of ${total} put back${sum.refused > 0 ? `, ${sum.refused} refused again` : ''}`
  let cursor: string | undefined
  do {
    const body = { ...filter, limit: lettersPerStep, ...(cursor === undefined ? {} : { cursor }) }
    const called = await callApi(config, { path: '/dead-letters/replay', body, answer: stepAnswer })
    if (!called.ok) {
      err(`culvert: ${called.sentence}\n  ${done()}; the rest waits.\n`)
      return 1
    }
    const answer = called.content
    for (const lane of answer.lanes) {
      sum.putBack += lane.putBack
      sum.duplicate += lane.duplicate
      sum.refused += lane.refused
    }
    const problem = answer.lanes.find(lane => lane.problem !== undefined)?.problem
    if (problem !== undefined) {
      err(`culvert: ${problem}\n  ${done()}; the rest waits.\n`)
      return 1
    }
    for (const reason of answer.reasons) reasons.add(reason)
    cursor = answer.next
    // On a terminal one line that changes.
    if (cursor !== undefined) await out(ask === undefined ? `${done()}\n` : `\r${done()} `)
  } while (cursor !== undefined)
  const known = sum.duplicate > 0 ? ` (${sum.duplicate} were stored already)` : ''
  await out(`${ask === undefined ? '' : '\r'}${done()}${known}.\n`)
  for (const reason of [...reasons].slice(0, 10)) await out(`  ${reason}\n`)
  return sum.refused > 0 ? 1 : 0
}
