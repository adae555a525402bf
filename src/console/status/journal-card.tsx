import type { JournalStatus } from '../../core/status.ts'
import { formatAgo, formatBytes, formatCount, formatShort } from '../format.ts'

const stateWords = { ok: 'ok', full: 'full', failing: 'failing' } as const

/** How full the journal is, what of it is kept for replays, and whether it takes writes. */
export function JournalCard({ journal, now }: { readonly journal: JournalStatus; readonly now: number }) {
  const { kind, where, state, reason, bytes, maxBytes, partitions, records, syncs, retainedBytes } = journal
  const since = Math.min(...partitions.map(partition => partition.since ?? Number.POSITIVE_INFINITY))
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
        <div>
          <dt>for replay</dt>
          <dd title="What every lane has committed and is kept; it goes first when room is needed.">
            {formatBytes(retainedBytes)}
          </dd>
        </div>
        {Number.isFinite(since) && (
          <div>
            <dt>oldest</dt>
            <dd title={`Received ${new Date(since).toISOString()}`}>{formatAgo(since, now)}</dd>
          </div>
        )}
      </dl>
      <p class="card-where">
        {kind} <code>{where}</code>
      </p>
    </section>
  )
}
