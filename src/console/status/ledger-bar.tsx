import { type Balance, balanceOf, type LedgerPart } from '../../core/balance.ts'
import type { LaneStatus } from '../../core/status.ts'
import { formatCount, plural } from '../format.ts'
import { Icon } from '../icon.tsx'

export const words: Readonly<Record<LedgerPart, string>> = {
  stored: 'stored',
  duplicate: 'duplicate',
  joined: 'joined',
  folded: 'folded into windows',
  filtered: 'filtered',
  dead: 'dead',
  lost: 'lost',
  inFlight: 'in flight'
}

/** Two bars of the same length: what came in, and where every frame of it went. */
export function PartsBar({ received, parts, difference }: Balance) {
  const shown = parts.filter(part => part.count > 0)
  const full = Math.max(received, received - difference, 1)
  return (
    <>
      <div class="ledger-bar ledger-in" aria-hidden="true">
        <span style={{ width: `${(received / full) * 100}%` }} />
      </div>
      <div class="ledger-bar" aria-hidden="true">
        {shown.map(({ name, count }) => (
          <span
            key={name}
            class={`part-${name}`}
            style={{ flexGrow: count, minWidth: '3px' }}
            title={`${words[name]} ${formatCount(count)}`}
          />
        ))}
        {difference > 0 && <span class="part-missing" style={{ flexGrow: difference }} />}
      </div>
    </>
  )
}

/** The books of a lane in short. */
export function LedgerBar({ lane }: { lane: LaneStatus }) {
  const balance = balanceOf(lane)
  const { received, parts, difference } = balance
  return (
    <section class="ledger" aria-label="Ledger">
      <div class="ledger-line">
        <span>
          received <strong class="number">{formatCount(received)}</strong>
        </span>
        {difference === 0 ? (
          <span class="ledger-good">
            <Icon name="check" /> balances
          </span>
        ) : (
          <span class="ledger-bad">
            <Icon name="warn" /> {plural(Math.abs(difference), 'frame')}{' '}
            {difference > 0 ? 'unaccounted for' : 'too many'}
          </span>
        )}
      </div>
      <PartsBar {...balance} />
      <dl class="ledger-parts">
        {parts
          .filter(({ name, count }) => count > 0 || name === 'stored' || name === 'dead' || name === 'inFlight')
          .map(({ name, count }) => (
            <div key={name} class={count > 0 && (name === 'dead' || name === 'lost') ? 'bad' : ''}>
              <dt>
                <span class={`swatch part-${name}`} />
                {words[name]}
              </dt>
              <dd class="number">{formatCount(count)}</dd>
            </div>
          ))}
      </dl>
    </section>
  )
}
