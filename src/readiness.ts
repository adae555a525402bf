import type { JournalStatus, LaneStatus } from './core/status.ts'

/** Why Culvert is not ready, in sentences; none when it is. `problem` is the delivery worker's. */
export function reasonsOf(journal: JournalStatus, lanes: readonly LaneStatus[], problem: string | undefined): string[] {
  const reasons: string[] = []
  if (problem !== undefined) reasons.push(`Nothing is delivered: ${problem}.`)
  if (journal.state === 'full') reasons.push(`The journal is full${because(journal.reason)}.`)
  if (journal.state === 'failing') reasons.push(`The journal cannot be written${because(journal.reason)}.`)
  for (const { name, partition, state, lastError } of lanes) {
    if (state !== 'retrying') continue
    const lane = partition === 0 ? name : `${name} (partition ${partition})`
    reasons.push(`The lane ${lane} retries${because(lastError?.message)}.`)
  }
  return reasons
}

const because = (reason: string | undefined): string => (reason === undefined ? '' : `: ${reason.replace(/\.$/, '')}`)
