import type { LogRow } from '../../core/plain.ts'
import { CopyButton } from '../copy-button.tsx'
import { Icon } from '../icon.tsx'
import { hrefOf } from '../route.ts'
import { around } from '../search/time-range.ts'
import { fieldsOf } from './fields.ts'
import { JsonView } from './json-view.tsx'
import { cleanText } from './one-line.ts'

const aroundMs = 30_000

/** All of one event: message, stack trace, the app's own object and every field. */
export function LogDetail({ row }: { row: LogRow }) {
  const { app, error, source, traceId } = row
  return (
    <div class="detail">
      <div class="detail-actions">
        <CopyButton label="Copy event" text={() => JSON.stringify(row, undefined, 2)} />
        <CopyButton label="Copy message" text={() => row.message} />
        <a class="button" href={hrefOf('search', { app: source.app, ...around(row.time, aroundMs), at: row.id })}>
          <Icon name="clock" /> Show around this time
        </a>
        {traceId !== undefined && (
          <a class="button" href={hrefOf('search', { q: traceId, ...around(row.time, 10 * 60_000), at: row.id })}>
            <Icon name="search" /> Same trace
          </a>
        )}
      </div>
      <pre class="detail-message">{cleanText(row.message).trimEnd() || '(empty)'}</pre>
      {error !== undefined && (
        <section class="detail-error" aria-label="Error">
          <h3>
            {error.type ?? 'Error'}
            {error.message !== undefined && <span>{error.message}</span>}
          </h3>
          {error.stack !== undefined && <pre>{cleanText(error.stack)}</pre>}
        </section>
      )}
      <div class="detail-columns">
        <dl class="fields">
          {fieldsOf(row).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {app !== undefined && <JsonView title="The app’s JSON" value={app} />}
      </div>
    </div>
  )
}
