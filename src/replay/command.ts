import { z } from 'zod'
import { callApi } from '../api-call.ts'
import { type Config, loadConfig } from '../config.ts'
import type { ReplayRange } from '../core/replay.ts'
import { type Terminal, wrongUsage } from '../terminal.ts'
import { defaultRate, iso, type ReplayArguments, readReplayArguments } from './arguments.ts'
import { type DriveOptions, drive } from './drive.ts'
import { createProgress } from './progress.ts'
import { rangeText, summaryOf } from './report.ts'

const rangeAnswer = z.object({
  replaces: z.boolean(),
  partitions: z.array(
    z.object({
      partition: z.number(),
      position: z.number(),
      end: z.number(),
      waiting: z.number(),
      begins: z.number().exactOptional()
    })
  )
})
const stepAnswer = z.object({
  frames: z.number(),
  stored: z.number(),
  replaced: z.number(),
  duplicate: z.number(),
  filtered: z.number(),
  refused: z.number(),
  position: z.number(),
  receivedAt: z.number().exactOptional(),
  gone: z.number(),
  reasons: z.array(z.string())
})

/**
 * `culvert replay --from TIME [--to TIME] --sink NAME [--replace] [--rate N] [--dry-run] [--yes]`: asks the running Culvert to give what the journal
 * holds of a range to a sink once more, step by step. Answers 1 where it was not done whole, or something was refused: it may be given again.
 */
export async function replayJournal(
  args: readonly string[],
  terminal: Terminal,
  timing: Pick<DriveOptions, 'minWaitMs' | 'maxFailures'> = {}
): Promise<number> {
  const { env, out, err, ask, interrupted } = terminal
  const given = readReplayArguments(args, Date.now())
  if (typeof given === 'string') {
    err(`culvert: ${given}\n`)
    return wrongUsage
  }
  const { sink, from, to } = given
  const config = await loadConfig(env)
  const query = new URLSearchParams({ sink, from: `${from}`, to: `${to}` })
  const asked = await callApi(config, { path: `/replay?${query}`, answer: rangeAnswer })
  if (!asked.ok) {
    err(`culvert: ${asked.sentence}\n`)
    return 1
  }
  const range = asked.content
  await out(rangeText(given, range))
  if (given.replace && !range.replaces) {
    err(`culvert: ${sink} cannot write over what it has; without --replace it stores what it does not have.\n`)
    return wrongUsage
  }
  if (range.partitions.every(({ position, end }) => position === end)) return 0
  if (!given.dryRun && !given.yes) {
    if (ask === undefined) {
      err('culvert: say --yes to replay it\n')
      return wrongUsage
    }
    if (!/^y(es)?$/i.test((await ask(`Replay it into ${sink}? [y/N] `)).trim())) return 0
  }
  return run(config, given, range, terminal, { ...timing, interrupted })
}

async function run(
  config: Config,
  given: ReplayArguments,
  range: ReplayRange,
  { out, err, ask }: Terminal,
  timing: Pick<DriveOptions, 'minWaitMs' | 'maxFailures' | 'interrupted'>
): Promise<number> {
  const { sink, from, rate, dryRun, replace } = given
  const signal = timing.interrupted
  const total = range.partitions.reduce((sum, { position, end }) => sum + end - position, 0)
  const progress = createProgress({ total, out, watched: ask !== undefined })
  const driven = await drive({
    ...timing,
    parts: range.partitions,
    mode: dryRun ? 'count' : replace ? 'replace' : 'missing',
    from,
    rate,
    step: body => callApi(config, { path: '/replay', body: { sink, ...body }, answer: stepAnswer, signal }),
    onProgress: progress.show,
    onTrouble(sentence, waitMs) {
      const again = `again in ${Math.ceil(waitMs / 1000)} s`
      err(`${ask === undefined ? '' : '\r\x1b[K'}culvert: ${sentence} ${again}\n`)
    }
  })
  await progress.clear()
  await out(summaryOf(driven, given))
  if (driven.reached === undefined) return driven.counts.refused + driven.gone > 0 ? 1 : 0
  err(`culvert: ${driven.problem ?? 'interrupted'}\n  To go on: ${commandFrom(driven.reached, given)}\n`)
  return 1
}

/** What is done before `from` need not be done again; what is done at it may. */
const commandFrom = (from: number, { to, sink, replace, rate, dryRun }: ReplayArguments): string =>
  [
    `culvert replay --from ${iso(from)} --to ${iso(to)} --sink ${sink}`,
    ...(replace ? ['--replace'] : []),
    ...(rate === defaultRate ? [] : [`--rate ${rate ?? 'none'}`]),
    ...(dryRun ? ['--dry-run'] : [])
  ].join(' ')
