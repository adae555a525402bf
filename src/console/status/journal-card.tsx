import type { JournalStatus } from '../../core/status.ts'
import { formatBytes, formatCount, formatShort } from '../format.ts'

const stateWords = { ok: 'ok', full: 'full', failing: 'failing' } as const

/** How full the journal is, and whether it takes writes. */
export function JournalCard({ journal }: { journal: JournalStatus }) {
  const { kind, where, state, reason, bytes, maxBytes, partitions, records, syncs } = journal
  const share = maxBytes > 0 ? Math.min(1, bytes / maxBytes) : 0
  const level = state !== 'ok' || share > 0.9 ? 'bad' : share > 0.6 ? 'warn' : 'good'
  return (
    <section class="panel card" aria-label="Journal">
      <header class="card-head">
        <h2>Journal</h2>
        <span class={`badge badge-${state === 'ok' ? 'good' : 'bad'}`}>{stateWords[state]}</span>
      </header>
      {reason !== undefined && <p class="card-error">{reason}</p>}
      <div class="meter-line">
        <span>
          <strong class="number">{formatBytes(bytes)}</strong> of {formatBytes(maxBytes)}
        </span>
        <span class="number dim">{(share * 100).toFixed(share < 0.1 ? 1 : 0)} %</span>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a meter element cannot be styled alike in all browsers */}
      <div
        class="meter"
        role="meter"
        aria-label="Journal bytes"
        aria-valuemin={0}
        aria-valuemax={maxBytes}
        aria-valuenow={bytes}
      >
        <span class={`meter-${level}`} style={{ width: `${Math.max(share * 100, bytes > 0 ? 0.4 : 0)}%` }} />
      </div>
      <dl class="numbers">
        <div>
          <dt>records</dt>
          <dd title={formatCount(records)}>{formatShort(records)}</dd>
        </div>
        <div>
          <dt>syncs</dt>
          <dd title={formatCount(syncs)}>{formatShort(syncs)}</dd>
        </div>
        <div>
          <dt>partitions</dt>
          <dd>{formatCount(partitions.length)}</dd>
        </div>
      </dl>
      <p class="card-where">
        {kind} <code>{where}</code>
      </p>
    </section>
  )
}
