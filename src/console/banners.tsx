import type { Status } from '../core/status.ts'
import { ApiError } from './api.ts'
import { Icon } from './icon.tsx'
import { hrefOf, type Page } from './route.ts'
import type { Polled } from './use-poll.ts'

/** What a person should know on every page: the server does not answer, or is not ready, and why. */
export function Banners({ status: { value, error }, page }: { status: Polled<Status>; page: Page }) {
  if (error !== undefined) {
    const words =
      error instanceof ApiError ? error.message : 'Culvert does not answer. Trying again; what you see may be old.'
    return <Banner title="No connection" lines={[words]} />
  }
  if (value === undefined || value.ready) return null
  const lines = value.reasons.length > 0 ? value.reasons : ['Culvert is starting.']
  return <Banner title="Not ready" lines={lines} more={page !== 'status'} />
}

function Banner({ title, lines, more = false }: { title: string; lines: readonly string[]; more?: boolean }) {
  return (
    <div class="banner" role="alert">
      <Icon name="warn" />
      <div class="banner-text">
        <strong>{title}</strong>
        <ul>
          {lines.map(line => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </div>
      {more && (
        <a class="banner-more" href={hrefOf('status')}>
          Status
        </a>
      )}
    </div>
  )
}
