import type { Status } from '../core/status.ts'
import { formatShort, plural } from './format.ts'
import { Mark } from './icon.tsx'
import { hrefOf, type Page } from './route.ts'
import type { Polled } from './use-poll.ts'

const tabs: readonly (readonly [Page, string])[] = [
  ['live', 'Live'],
  ['search', 'Search'],
  ['apps', 'Apps'],
  ['status', 'Status'],
  ['ledger', 'Ledger'],
  ['dead-letters', 'Dead letters']
]

/** Brand, pages, and in one word how the server is. */
export function TopBar({ page, status }: { page: Page; status: Polled<Status> }) {
  const waiting = (status.value?.deadLetters ?? []).reduce((sum, { letters }) => sum + letters, 0)
  return (
    <header class="top-bar">
      <a class="brand" href={hrefOf('live')} aria-label="Culvert, live view">
        <Mark /> <span class="brand-name">Culvert</span>
      </a>
      <nav class="tabs" aria-label="Pages">
        {tabs.map(([name, label]) => (
          <a key={name} href={hrefOf(name)} aria-current={name === page ? 'page' : undefined}>
            {label.split(' ', 1)}
            {label.includes(' ') && <span class="tab-rest">{label.slice(label.indexOf(' '))}</span>}
            {name === 'dead-letters' && waiting > 0 && (
              <span class="tab-count number" title={plural(waiting, 'dead letter')}>
                {formatShort(waiting)}
              </span>
            )}
          </a>
        ))}
      </nav>
      <Health status={status} />
    </header>
  )
}

function Health({ status: { value, error } }: { status: Polled<Status> }) {
  const [state, text] =
    error !== undefined
      ? ['bad', 'Unreachable']
      : value === undefined
        ? ['wait', 'Connecting']
        : value.ready
          ? ['good', 'Ready']
          : ['bad', 'Not ready']
  return (
    <a class={`health health-${state}`} href={hrefOf('status')} title={value && `Culvert ${value.version}`}>
      <span class="dot" aria-hidden="true" />
      <span class="health-text" aria-live="polite">
        {text}
      </span>
    </a>
  )
}
