import { useEffect, useRef } from 'preact/hooks'

/** What has a use of its own for keys: typing, or activation by space. */
const interactive = 'input, textarea, select, button, a, summary, [contenteditable]'

/** Calls the handler of a key pressed anywhere but in a control; Escape is heard everywhere. */
export function useKeys(handlers: Readonly<Record<string, (event: KeyboardEvent) => void>>): void {
  const latest = useRef(handlers)
  latest.current = handlers
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      const busy = event.target instanceof Element && event.target.closest(interactive) !== null
      if (busy && event.key !== 'Escape') return
      const handler = latest.current[event.key]
      if (handler === undefined) return
      event.preventDefault()
      handler(event)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}
