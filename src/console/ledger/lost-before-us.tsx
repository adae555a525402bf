import type { LedgerReport } from '../../core/ledger-report.ts'
import type { LossEntry } from '../../core/losses.ts'
import { formatCount, formatMoment, plural } from '../format.ts'
import { hrefOf } from '../route.ts'
import { kindWords } from './words.ts'

/** What the platform lost on the way, as far as it says so, by app and drain. */
export function LostBeforeUs({ report }: { report: LedgerReport }) {
  const { lostBefore, generatedAt } = report
  const { since, messages, rateLimits, counterGaps, entries, forgotten } = lostBefore
  const nothing = messages + rateLimits + counterGaps === 0
  return (
    <section class="panel card" aria-label="Lost before us">
      <header class="card-head">
        <h2>Lost before us</h2>
        <span class={nothing ? 'badge badge-good' : 'badge badge-bad'}>{plural(messages, 'message')}</span>
      </header>
      <p class="dim">
        What the platform says that it lost before it came to us
        {since !== undefined && `, since ${formatMoment(since)}`}. No drain can bring it back. A report travels through
        the same full drain as the lines, so it may be lost too: these counts are the least that was lost.
      </p>
      {nothing ? (
        <p>The platform has reported no loss.</p>
      ) : (
        <>
          <dl class="numbers">
            <Total name="messages" value={messages} />
            <Total name="times over the log rate limit" value={rateLimits} />
            <Total name="gaps in counters" value={counterGaps} />
          </dl>
          <div class="table-box">
            <table class="loss-table">
              <thead>
                <tr>
                  <th scope="col">App</th>
                  <th scope="col">What</th>
                  <th scope="col" class="is-number">
                    Lost
                  </th>
                  <th scope="col" class="is-number">
                    Reports
                  </th>
                  <th scope="col">From the first to the last</th>
                </tr>
              </thead>
              <tbody>
                {entries.map(entry => (
                  <Entry key={keyOf(entry)} entry={entry} since={since ?? entry.first} now={generatedAt} />
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
      {forgotten > 0 && (
        <p class="dim">
          {plural(forgotten, 'counter')} let go to make room for others: a gap in one that goes on later is not seen.
        </p>
      )}
    </section>
  )
}

const keyOf = ({ kind, appId, drain, counter, rest }: LossEntry): string =>
  JSON.stringify([kind, appId, drain, counter, rest])

const Total = ({ name, value }: { name: string; value: number }) => (
  <div>
    <dt>{name}</dt>
    <dd>{formatCount(value)}</dd>
  </div>
)

function Entry({ entry, since, now }: { entry: LossEntry; since: number; now: number }) {
  const { kind, rest, appId, app, org, space, drain, counter, limit, lost, reports, first, last } = entry
  const place = [org, space].filter(name => name !== '').join(' / ')
  return (
    <tr>
      <th scope="row">
        {rest ? (
          <span class="dim">all others</span>
        ) : (
          <a href={hrefOf('search', { app: appId })} title={appId}>
            {app || appId || 'not named'}
          </a>
        )}
        {place !== '' && <span class="loss-place">{place}</span>}
      </th>
      <td>
        {kindWords[kind]}
        {limit !== undefined && <span class="dim"> · {limit}</span>}
        {(drain ?? counter) !== undefined && <code class="loss-what">{drain ?? counter}</code>}
      </td>
      <td class="is-number number" data-label="Lost">
        {kind === 'rate_limit' ? <span class="dim">not told</span> : formatCount(lost)}
        {kind === 'counter_gap' && <span class="loss-place"> in its own unit</span>}
      </td>
      <td class="is-number number" data-label="Reports">
        {formatCount(reports)}
      </td>
      <td class="loss-span">
        <SpanBar first={first} last={last} since={Math.min(since, first)} now={now} />
        <span class="number">
          {formatMoment(first)}
          {last !== first && ` – ${formatMoment(last)}`}
        </span>
      </td>
    </tr>
  )
}

/** Where between the opening of the book and now the reports lie. */
function SpanBar({ first, last, since, now }: { first: number; last: number; since: number; now: number }) {
  const share = (time: number): number => Math.min(100, (Math.max(0, time - since) / Math.max(1, now - since)) * 100)
  return (
    <span class="span-bar" aria-hidden="true">
      <span style={{ left: `${share(first)}%`, right: `${100 - share(last)}%` }} />
    </span>
  )
}
