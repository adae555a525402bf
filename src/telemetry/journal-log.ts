import type { JournalStatus } from '../core/status.ts'
import type { Log } from './log.ts'

type State = Pick<JournalStatus, 'state' | 'reason'>

/** Tells the log once when the journal stops taking lines, and when it goes on. */
export function createJournalLog(log: Pick<Log, 'info' | 'warn' | 'error'>) {
  let before: State['state'] = 'ok'
  return ({ state, reason }: State): void => {
    if (state === before) return
    before = state
    if (state === 'full')
      log.warn({ reason }, 'The journal is full: nothing more is read or accepted until a lane makes room.')
    else if (state === 'failing') log.error({ reason }, 'The journal cannot be written: nothing is accepted.')
    else log.info({}, 'The journal takes lines again.')
  }
}
