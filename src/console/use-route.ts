import { useCallback, useEffect, useState } from 'preact/hooks'
import { hrefOf, parseRoute, type Route } from './route.ts'

export type Params = Readonly<Record<string, string | undefined>>

/** The address as state. */
export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash))
  useEffect(() => {
    const read = () => setRoute(parseRoute(location.hash))
    addEventListener('hashchange', read)
    return () => removeEventListener('hashchange', read)
  }, [])
  return route
}

/** Changes parameters of the current page in the address, without a new entry in the browser's history. */
export function useSetParams(route: Route): (changes: Params) => void {
  return useCallback(
    changes => {
      const { page, params } = parseRoute(location.hash)
      if (page === route.page) location.replace(hrefOf(page, { ...params, ...changes }))
    },
    [route.page]
  )
}
