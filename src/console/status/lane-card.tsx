import type { Flowing, LaneStatus } from '../../core/status.ts'
import { formatAgo, formatBytes, formatCount, formatDuration, formatRate, formatShort } from '../format.ts'
import { Linked } from '../linked.tsx'
import { LedgerBar } from './ledger-bar.tsx'
import { RestartButton } from './restart-button.tsx'

const states = { starting: 'wait', running: 'good', retrying: 'bad', stopped: 'wait' } as const
/** A lane that is this far behind is worth a colour. */
const lateSeconds = 30

export interface LaneCardProps {
  readonly lane: Flowing<LaneStatus>
  readonly now: number
  /** The journal has more than one partition: the card names its own. */
  readonly many: boolean
}

/** One way out: how it is, how far behind, and its books. */
export function LaneCard({ lane, now, many }: LaneCardProps) {
  const { name, sink, partition, state, lagSeconds, lagBytes, batches, retries, refused, lastError, where } = lane
  return (
    <section class="panel card lane" aria-label={`Lane ${name}`}>
      <header class="card-head">
        <h3>{name}</h3>
        {sink !== name && <span class="dim">{sink}</span>}
        {many && <span class="dim">partition {partition}</span>}
        <span class={`badge badge-${states[state]}`}>{state}</span>
      </header>
      <p class="card-where">
        <Linked text={where} />
      </p>
      <dl class="numbers">
        <div>
          <dt>behind</dt>
          <dd class={lagSeconds > lateSeconds ? 'bad' : ''}>{behind(lane)}</dd>
        </div>
        <div>
          <dt>to read</dt>
          <dd>{formatBytes(lagBytes)}</dd>
        </div>
        <div>
          <dt>frames/s</dt>
          <dd>{formatRate(lane.framesPerSecond)}</dd>
        </div>
        <div>
          <dt>batches</dt>
          <dd title={formatCount(batches)}>{formatShort(batches)}</dd>
        </div>
        <div>
          <dt>retries</dt>
          <dd class={retries > 0 ? 'warn' : ''}>{formatCount(retries)}</dd>
        </div>
        <div>
          <dt>refused</dt>
          <dd class={refused > 0 ? 'warn' : ''} title={formatCount(refused)}>
            {formatShort(refused)}
          </dd>
        </div>
      </dl>
      <LedgerBar lane={lane} />
      {lastError !== undefined && (
        <div class={state === 'retrying' ? 'card-error' : 'card-error is-past'}>
          <p>
            <strong>{state === 'retrying' ? 'Retrying' : 'Last error'}</strong> · {formatAgo(lastError.at, now)}
            {' · '}
            <code>{lastError.code}</code>
          </p>
          <p>{lastError.message}</p>
        </div>
      )}
      <RestartButton lane={name} />
    </section>
  )
}

/** The age is 0 until it is known. */
function behind({ lagBytes, lagSeconds }: LaneStatus): string {
  if (lagBytes === 0) return 'nothing'
  return lagSeconds === 0 ? '–' : formatDuration(lagSeconds * 1000)
}
