import type { LostBefore } from '../core/losses.ts'
import type { Log } from '../telemetry/log.ts'
import type { LossBook } from './loss-book.ts'

/** Hands the book on when it has changed, and tells the log of what came; to be called now and then. */
export function createLossNews(losses: LossBook, log: Pick<Log, 'warn'>, onChange: (book: LostBefore) => void) {
  let told = -1
  return (): void => {
    if (losses.changes === told) return
    told = losses.changes
    onChange(losses.book())
    const { messages, rateLimits, counterGaps } = losses.takeNews()
    if (messages + rateLimits + counterGaps > 0)
      log.warn(
        { messages, rateLimits, counterGaps },
        'The platform lost messages before they came to us: /api/v1/ledger says of which apps and drains.'
      )
  }
}
