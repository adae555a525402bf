import type { LogFilter } from '../core/status.ts'

export const pages = ['live', 'search', 'apps', 'status', 'ledger', 'dead-letters'] as const
export type Page = (typeof pages)[number]

/** What the address says after `#`: a page and its parameters, so that every view can be sent to a colleague. */
export interface Route {
  readonly page: Page
  readonly params: Readonly<Record<string, string>>
}

export const filterKeys = ['q', 'app', 'level', 'source'] as const

/** `#/search?q=timeout&app=web` → page and parameters; whatever is no page is `live`. */
export function parseRoute(hash: string): Route {
  const [path, query] = hash.replace(/^#?\/?/, '').split(/\?(.*)/s)
  return {
    page: pages.find(page => page === path) ?? 'live',
    params: Object.fromEntries(new URLSearchParams(query ?? ''))
  }
}

/** The address of a page; empty and absent parameters are left out. */
export function hrefOf(page: Page, params: Readonly<Record<string, string | undefined>> = {}): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(params)) if (value !== undefined && value !== '') query.set(key, value)
  const text = query.toString()
  return text === '' ? `#/${page}` : `#/${page}?${text}`
}

/** The filter within a route's parameters: what API and tail take. */
export const filterOf = (params: Route['params']): LogFilter =>
  Object.fromEntries(filterKeys.flatMap(key => (params[key] ? [[key, params[key]]] : [])))
