import { useCallback, useMemo, useRef, useState } from 'preact/hooks'
import type { Status } from '../core/status.ts'
import { createApi } from './api.ts'
import { ApiProvider } from './api-context.ts'
import { AppsPage } from './apps/apps-page.tsx'
import { Banners } from './banners.tsx'
import { DeadLettersPage } from './dead-letters/dead-letters-page.tsx'
import { LedgerPage } from './ledger/ledger-page.tsx'
import { LivePage } from './live/live-page.tsx'
import { Login } from './login.tsx'
import type { Route } from './route.ts'
import { SearchPage } from './search/search-page.tsx'
import { StatusPage } from './status/status-page.tsx'
import { createTokenStore } from './token-store.ts'
import { TopBar } from './top-bar.tsx'
import { type Polled, usePoll } from './use-poll.ts'
import { useRoute } from './use-route.ts'

const statusEveryMs = 3000

/** The shell: login where a token is needed, else the bar, what is wrong, and a page. */
export function App() {
  const [token] = useState(() => createTokenStore(sessionStorage))
  const [session, setSession] = useState(0)
  const [locked, setLocked] = useState(false)
  const api = useMemo(() => createApi('./', token, () => setLocked(true)), [token])
  const login = useCallback(
    (secret: string) => {
      token.set(secret)
      setLocked(false)
      setSession(before => before + 1)
    },
    [token]
  )
  if (locked) return <Login refused={token.get() !== ''} onToken={login} />
  return (
    <ApiProvider value={api} key={session}>
      <Shell load={api.status} />
    </ApiProvider>
  )
}

function Shell({ load }: { load: (signal: AbortSignal) => Promise<Status> }) {
  const route = useRoute()
  const status = usePoll(load, statusEveryMs)
  const main = useRef<HTMLElement>(null)
  return (
    <div class="shell">
      <button class="skip" type="button" onClick={() => main.current?.focus()}>
        Skip to content
      </button>
      <TopBar page={route.page} status={status} />
      <Banners status={status} page={route.page} />
      <main ref={main} tabIndex={-1} class={`page page-${route.page}`}>
        <Page route={route} status={status} />
      </main>
    </div>
  )
}

function Page({ route, status }: { route: Route; status: Polled<Status> }) {
  const lanes = status.value?.lanes ?? []
  if (route.page === 'search') return <SearchPage route={route} lanes={lanes} />
  if (route.page === 'apps') return <AppsPage route={route} lanes={lanes} />
  if (route.page === 'status') return <StatusPage status={status} />
  if (route.page === 'ledger') return <LedgerPage />
  if (route.page === 'dead-letters') return <DeadLettersPage route={route} status={status.value} />
  return <LivePage route={route} status={status.value} />
}
