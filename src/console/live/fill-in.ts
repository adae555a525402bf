import type { LogRow } from '../../core/plain.ts'
import type { LogPage } from '../../core/search.ts'
import { pause } from '../pause.ts'

/** A line is in the store at most about so long after it went by: a batch's age and its write. */
const storedAfterMs = 2000

/**
 * Gets the newest lines of the store after the tail has connected, so that nothing is missing that went by before: at once, and
 * again when what was on its way then is stored. Without a local store there is nothing to get.
 */
export async function fillIn(
  load: (signal: AbortSignal) => Promise<LogPage>,
  take: (rows: readonly LogRow[]) => void,
  signal: AbortSignal,
  waitMs = storedAfterMs
): Promise<void> {
  try {
    take((await load(signal)).logs)
    await pause(waitMs, signal)
    if (!signal.aborted) take((await load(signal)).logs)
  } catch {
    // the tail goes on without
  }
}
