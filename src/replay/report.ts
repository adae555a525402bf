import { roundBytes } from '../core/quantities.ts'
import type { ReplayRange } from '../core/replay.ts'
import { iso, type ReplayArguments } from './arguments.ts'
import type { Driven } from './drive.ts'

/** What of a range is there, and what a replay does with it. */
export function rangeText({ sink, from, to, replace, dryRun }: ReplayArguments, range: ReplayRange): string {
  const { partitions, replaces } = range
  const bytes = partitions.reduce((sum, { position, end }) => sum + end - position, 0)
  const waiting = partitions.reduce((sum, part) => sum + part.waiting, 0)
  const lines = [
    `Received from ${iso(from)} to ${iso(to)}: ${bytes === 0 ? 'nothing to replay' : `${roundBytes(bytes)} of the journal`}.`
  ]
  const late = partitions.filter(({ begins }) => begins !== undefined && begins > from)
  for (const { partition, begins } of late) {
    const where = partitions.length === 1 ? 'The journal' : `Partition ${partition} of the journal`
    lines.push(`${where} begins at ${iso(begins ?? 0)}: what came before is not there any more.`)
  }
  if (partitions.every(({ begins }) => begins === undefined)) lines.push('The journal is empty.')
  if (waiting > 0)
    lines.push(
      `${roundBytes(waiting)} more of it are on their way: ${sink} has not come so far yet, and gets them without a replay.`
    )
  if (bytes > 0 && !dryRun) lines.push(effectOf(sink, replace, replaces))
  return `${lines.join('\n')}\n`
}

function effectOf(sink: string, replace: boolean, replaces: boolean): string {
  if (replace && replaces)
    return `What ${sink} has is written over, under the same ids; what it does not have is stored.`
  return `${sink} gets what it does not have: what a store has is not stored twice.`
}

/** What became of the lines; reasons of refusals at the end. */
export function summaryOf({ counts, gone, reasons }: Driven, { dryRun, replace }: ReplayArguments): string {
  const { frames, stored, replaced, duplicate, filtered, refused } = counts
  const rows: [number, string][] = dryRun
    ? [[frames, 'lines']]
    : [
        [frames, 'lines read'],
        [stored, 'stored'],
        ...(replace ? [[replaced, 'replaced'] satisfies [number, string]] : []),
        [duplicate, 'there already'],
        [filtered, 'left out: by a rule, or of a kind that the sink does not take'],
        [refused, 'refused by the store']
      ]
  const width = `${frames}`.length
  const lines = rows.map(([count, what]) => `  ${String(count).padStart(width)}  ${what}`)
  if (gone > 0) lines.push(`  ${roundBytes(gone)} of the range are not in the journal any more, or were damaged.`)
  return `${[...lines, ...reasons.map(reason => `  ${reason}`)].join('\n')}\n`
}
