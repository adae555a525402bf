import type { Status } from '../../core/status.ts'
import { Failure } from '../failure.tsx'
import { formatCount, formatDuration } from '../format.ts'
import { markWords } from '../log/fields.ts'
import { hrefOf } from '../route.ts'
import type { Polled } from '../use-poll.ts'
import { JournalCard } from './journal-card.tsx'
import { LaneCard } from './lane-card.tsx'
import { ListenerCard } from './listener-card.tsx'

/** The way of a frame: listeners, journal, and every lane with its books. */
export function StatusPage({ status }: { status: Polled<Status> }) {
  const { value, at, error, reload } = status
  if (value === undefined) {
    return error === undefined ? <p class="empty dim">Loading…</p> : <Failure error={error} onAgain={reload} />
  }
  return (
    <>
      <dl class="facts">
        <Fact name="Version" value={value.version} />
        <Fact name="Up for" value={formatDuration(Math.max(0, at - value.startedAt))} />
        <Fact name="Sources" value={formatCount(value.sources)} />
        <Fact name="State" value={value.ready ? 'ready' : 'not ready'} bad={!value.ready} />
        <Marks marks={value.marks} />
        <Lost status={value} />
      </dl>
      <div class="cards">
        <ListenerCard listeners={value.listeners} />
        <JournalCard journal={value.journal} now={at} />
      </div>
      <h2 class="section-title">Lanes</h2>
      <div class="lanes">
        {value.lanes.map(lane => (
          <LaneCard
            key={`${lane.name}/${lane.partition}`}
            lane={lane}
            now={at}
            many={value.journal.partitions.length > 1}
          />
        ))}
        {value.lanes.length === 0 && <p class="empty dim">No lane has started yet.</p>}
      </div>
    </>
  )
}

/** Events that are kept although something was wrong with them. */
function Marks({ marks }: Pick<Status, 'marks'>) {
  const given = Object.entries(marks).filter(([, count]) => count > 0)
  if (given.length === 0) return null
  return (
    <div>
      <dt>Kept with a mark</dt>
      <dd class="chips">
        {given.map(([mark, count]) => (
          <span key={mark} class="chip chip-warn">
            {markWords[mark] ?? mark} <span class="number">{formatCount(count)}</span>
          </span>
        ))}
      </dd>
    </div>
  )
}

/** What was given up here by policy, and what the platform lost before us. */
function Lost({ status: { lanes, lostBefore } }: { status: Status }) {
  const here = lanes.reduce((sum, { ledger }) => sum + ledger.lost, 0)
  const { messages, rateLimits, counterGaps } = lostBefore
  const counts = [
    [here, 'lost here'],
    [messages, 'lost before us'],
    [rateLimits, 'over a log rate limit'],
    [counterGaps, counterGaps === 1 ? 'gap in a counter' : 'gaps in counters']
  ] as const
  const given = counts.filter(([count]) => count > 0)
  if (given.length === 0) return null
  return (
    <div>
      <dt>
        Lost · <a href={hrefOf('ledger')}>ledger</a>
      </dt>
      <dd class="chips">
        {given.map(([count, what]) => (
          <span key={what} class="chip chip-warn">
            {what} <span class="number">{formatCount(count)}</span>
          </span>
        ))}
      </dd>
    </div>
  )
}

const Fact = ({ name, value, bad = false }: { name: string; value: string; bad?: boolean }) => (
  <div>
    <dt>{name}</dt>
    <dd class={bad ? 'bad' : ''}>{value}</dd>
  </div>
)
