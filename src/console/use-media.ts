import { useEffect, useState } from 'preact/hooks'

/** Whether a media query holds, as state. */
export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches)
  useEffect(() => {
    const list = matchMedia(query)
    const read = () => setMatches(list.matches)
    read()
    list.addEventListener('change', read)
    return () => list.removeEventListener('change', read)
  }, [query])
  return matches
}

/** A phone, or a window as narrow: rows have two lines there. */
export const useNarrow = (): boolean => useMedia('(max-width: 760px)')

export const useDark = (): boolean => useMedia('(prefers-color-scheme: dark)')
