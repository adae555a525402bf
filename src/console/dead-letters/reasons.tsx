import type { DeadLetterReason, DeadLetterReasons } from '../../core/dead-letter.ts'
import { formatAgo, formatCount, formatDay, formatSecond } from '../format.ts'
import { oneLine } from '../log/one-line.ts'
import { hrefOf } from '../route.ts'

export interface ReasonsProps {
  readonly reasons: DeadLetterReasons
  readonly now: number
}

/** Why stores refused them: each reason leads to its letters. */
export function Reasons({ reasons: { reasons, letters }, now }: ReasonsProps) {
  return (
    <section class="reasons" aria-label="Reasons">
      <ol>
        {reasons.map(reason => (
          <li key={`${reason.lane}\n${reason.reason}`}>
            <Reason reason={reason} share={reason.letters / letters} now={now} />
          </li>
        ))}
      </ol>
    </section>
  )
}

function Reason({ reason, share, now }: { reason: DeadLetterReason; share: number; now: number }) {
  const { lane, q, letters, newest, oldest } = reason
  return (
    <a
      class="reason"
      href={hrefOf('dead-letters', { lane, q })}
      title={`${formatDay(oldest)} ${formatSecond(oldest)} to ${formatDay(newest)} ${formatSecond(newest)}`}
    >
      <span class="reason-count number">{formatCount(letters)}</span>
      <span class="chip">{lane}</span>
      <span class="reason-text">{oneLine(reason.reason)}</span>
      <span class="dim reason-time">{formatAgo(Date.parse(newest), now)}</span>
      <span class="reason-bar" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </span>
    </a>
  )
}
