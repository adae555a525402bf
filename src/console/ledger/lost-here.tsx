import type { LostSpan } from '../../core/contract.ts'
import type { DeadLetterCount } from '../../core/dead-letter.ts'
import type { LaneBooks, LedgerReport } from '../../core/ledger-report.ts'
import { formatBytes, formatCount, formatDuration, formatMoment, plural } from '../format.ts'
import { hrefOf } from '../route.ts'
import { reasonWords } from './words.ts'

/** What was given up by policy, what stores refused, and what the disk did not give back. */
export function LostHere({ report, many }: { report: LedgerReport; many: boolean }) {
  const { lanes, deadLetters, damaged } = report
  const lost = lanes.reduce((sum, { ledger }) => sum + ledger.lost, 0)
  return (
    <section class="panel card" aria-label="Lost here">
      <header class="card-head">
        <h2>Lost here</h2>
        <span class={lost === 0 ? 'badge badge-good' : 'badge badge-bad'}>{plural(lost, 'frame')}</span>
      </header>
      {lost === 0 ? (
        <p>Nothing was lost here.</p>
      ) : (
        <div class="table-box">
          <table class="loss-table">
            <thead>
              <tr>
                <th scope="col">Lane</th>
                <th scope="col">Why</th>
                <th scope="col">Received</th>
                <th scope="col" class="is-number">
                  Frames
                </th>
              </tr>
            </thead>
            <tbody>
              {lanes.flatMap(lane => [
                ...lane.lost.map(span => (
                  <Span key={`${nameOf(lane, many)}/${span.begin}`} lane={nameOf(lane, many)} span={span} />
                )),
                <Unknown key={nameOf(lane, many)} lane={lane} name={nameOf(lane, many)} />
              ])}
            </tbody>
          </table>
        </div>
      )}
      <ul class="beside">
        {deadLetters.map(count => (
          <DeadLetters key={count.lane} {...count} />
        ))}
        <li>
          {damaged.stretches === 0
            ? 'The disk has given back all that the journal was asked for since the start.'
            : `The disk damaged ${plural(damaged.stretches, 'stretch').replace(/hs$/, 'hes')} of the journal (${formatBytes(damaged.bytes)}), seen since the start: nobody knows how many frames. Copies in damaged/: ${formatCount(damaged.copies)}.`}
        </li>
      </ul>
    </section>
  )
}

const nameOf = ({ name, partition }: LaneBooks, many: boolean): string =>
  many ? `${name}, partition ${partition}` : name

function Span({ lane, span }: { lane: string; span: LostSpan }) {
  const { reason, from, to, frames, stretches } = span
  return (
    <tr>
      <th scope="row">{lane}</th>
      <td>
        {reasonWords[reason]}
        {stretches > 1 && <span class="dim"> · {stretches} stretches</span>}
      </td>
      <td class="number">
        {formatMoment(from)} – {formatMoment(to)} <span class="dim">({formatDuration(to - from)})</span>
      </td>
      <td class="is-number number bad" data-label="Frames">
        {formatCount(frames)}
      </td>
    </tr>
  )
}

/** What the books count and no span covers: a cursor was lost and found again in the store. */
function Unknown({ lane, name }: { lane: LaneBooks; name: string }) {
  const frames = lane.ledger.lost - lane.lost.reduce((sum, span) => sum + span.frames, 0)
  if (frames <= 0) return null
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="dim">not known any more</td>
      <td class="dim">–</td>
      <td class="is-number number bad" data-label="Frames">
        {formatCount(frames)}
      </td>
    </tr>
  )
}

const DeadLetters = ({ lane, letters, putBack }: DeadLetterCount) => (
  <li>
    <a href={hrefOf('dead-letters', { lane })}>{plural(letters, 'dead letter')}</a> of {lane}: kept whole
    {putBack > 0 && `; ${formatCount(putBack)} put back since the start`}.
  </li>
)
