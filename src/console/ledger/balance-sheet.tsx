import { balanceOf } from '../../core/balance.ts'
import type { LaneBooks } from '../../core/ledger-report.ts'
import { formatCount, formatMoment, plural } from '../format.ts'
import { Icon } from '../icon.tsx'
import { Linked } from '../linked.tsx'
import { PartsBar, words } from '../status/ledger-bar.tsx'
import { meanings } from './words.ts'

/** The books of a lane as an account: what it received on one side, what became of it on the other, and both sums. */
export function BalanceSheet({ lane, many }: { lane: LaneBooks; many: boolean }) {
  const { name, sink, partition, where, since, committedAt, position } = lane
  const balance = balanceOf(lane)
  const { received, parts, difference } = balance
  return (
    <section class="panel card sheet" aria-label={`Books of ${name}`}>
      <header class="card-head">
        <h3>{name}</h3>
        {sink !== name && <span class="dim">{sink}</span>}
        {many && <span class="dim">partition {partition}</span>}
        <span class={difference === 0 ? 'badge badge-good' : 'badge badge-bad'}>
          {difference === 0 ? 'balances' : 'does not balance'}
        </span>
      </header>
      <p class="card-where">
        <Linked text={where} />
      </p>
      <div class="ledger-bars">
        <PartsBar {...balance} />
      </div>
      <div class="account">
        <table aria-label="Received">
          <tbody>
            <Line name="received" meaning="Frames that came from the journal into this lane." count={received} />
          </tbody>
          <Sum count={received} />
        </table>
        <table aria-label="What became of it">
          <tbody>
            {parts.map(({ name: part, count }) => (
              <Line
                key={part}
                part={part}
                name={words[part]}
                meaning={meanings[part]}
                count={count}
                bad={count > 0 && (part === 'dead' || part === 'lost')}
              />
            ))}
          </tbody>
          <Sum count={received - difference} />
        </table>
      </div>
      <p class={difference === 0 ? 'ledger-good sheet-sum' : 'ledger-bad sheet-sum'}>
        <Icon name={difference === 0 ? 'check' : 'warn'} />
        {difference === 0
          ? `${formatCount(received)} = ${formatCount(received)}`
          : `${plural(Math.abs(difference), 'frame')} ${difference > 0 ? 'unaccounted for' : 'too many'}`}
      </p>
      <dl class="numbers sheet-facts">
        <Fact name="books opened" value={since === undefined ? 'not known' : formatMoment(since)} />
        <Fact
          name="last commit"
          value={committedAt === undefined ? 'none since the start' : formatMoment(committedAt)}
        />
        <Fact name="position" value={formatCount(position)} />
      </dl>
    </section>
  )
}

interface LineProps {
  readonly part?: string
  readonly name: string
  readonly meaning: string
  readonly count: number
  readonly bad?: boolean
}

const Line = ({ part, name, meaning, count, bad = false }: LineProps) => (
  <tr class={bad ? 'is-bad' : count === 0 ? 'is-zero' : ''}>
    <th scope="row">
      {part !== undefined && <span class={`swatch part-${part}`} />}
      {name}
      <span class="account-meaning">{meaning}</span>
    </th>
    <td class="number">{formatCount(count)}</td>
  </tr>
)

const Sum = ({ count }: { count: number }) => (
  <tfoot>
    <tr>
      <th scope="row">Sum</th>
      <td class="number">{formatCount(count)}</td>
    </tr>
  </tfoot>
)

const Fact = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
)
