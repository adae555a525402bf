import type { LedgerReport } from '../../core/ledger-report.ts'
import { useApi } from '../api-context.ts'
import { Failure } from '../failure.tsx'
import { formatMoment, plural } from '../format.ts'
import { Icon } from '../icon.tsx'
import { usePoll } from '../use-poll.ts'
import { BalanceSheet } from './balance-sheet.tsx'
import { LostBeforeUs } from './lost-before-us.tsx'
import { LostHere } from './lost-here.tsx'
import { saveReport } from './save.ts'

const everyMs = 3000

/** The books, to read, print and keep: what became of every frame, and what never came. */
export function LedgerPage() {
  const { value, error, reload } = usePoll(useApi().ledger, everyMs)
  if (value === undefined)
    return error === undefined ? <p class="empty dim">Loading…</p> : <Failure error={error} onAgain={reload} />
  const many = value.lanes.some(({ partition }) => partition > 0)
  return (
    <>
      <Verdict report={value} />
      <div class="sheets">
        {value.lanes.map(lane => (
          <BalanceSheet key={`${lane.name}/${lane.partition}`} lane={lane} many={many} />
        ))}
        {value.lanes.length === 0 && <p class="empty dim">No lane has started yet.</p>}
      </div>
      <LostHere report={value} many={many} />
      <LostBeforeUs report={value} />
    </>
  )
}

function Verdict({ report }: { report: LedgerReport }) {
  const { version, generatedAt, lanes } = report
  const wrong = lanes.filter(({ balances }) => !balances)
  const good = wrong.length === 0
  return (
    <header class="panel verdict">
      <div class={good ? 'verdict-mark ledger-good' : 'verdict-mark ledger-bad'}>
        <Icon name={good ? 'check' : 'warn'} />
      </div>
      <div class="verdict-text">
        <h2>
          {good ? 'The books balance' : `The books of ${wrong.map(({ name }) => name).join(', ')} do not balance`}
        </h2>
        <p class="dim">
          Every frame that a lane has received is in one account, and the counts are committed together with the
          position: they survive every crash. {plural(lanes.length, 'lane')}, as of{' '}
          <span class="number">{formatMoment(generatedAt)}</span> ({zone(generatedAt)}), Culvert {version}.
        </p>
      </div>
      <div class="verdict-do">
        <button class="button" type="button" onClick={() => print()}>
          <Icon name="print" /> Print
        </button>
        <button class="button" type="button" onClick={() => saveReport(report)}>
          <Icon name="down" /> Save as JSON
        </button>
      </div>
    </header>
  )
}

/** `UTC+01:00` */
function zone(time: number): string {
  const minutes = -new Date(time).getTimezoneOffset()
  const two = (value: number) => String(value).padStart(2, '0')
  const absolute = Math.abs(minutes)
  return minutes === 0 ? 'UTC' : `UTC${minutes < 0 ? '−' : '+'}${two(Math.floor(absolute / 60))}:${two(absolute % 60)}`
}
