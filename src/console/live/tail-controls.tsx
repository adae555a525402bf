import { useEffect, useState } from 'preact/hooks'
import { formatCount, formatRate, plural } from '../format.ts'
import { Icon } from '../icon.tsx'
import type { LiveTail } from './use-tail.ts'

export const PauseButton = ({ tail, onToggle }: { tail: LiveTail; onToggle: () => void }) => (
  <button
    class={`button pause${tail.paused ? ' is-paused' : ''}`}
    type="button"
    aria-pressed={tail.paused}
    aria-keyshortcuts="Space"
    title={tail.paused ? 'Follow the newest lines (space)' : 'Hold the lines still (space)'}
    onClick={onToggle}
  >
    <Icon name={tail.paused ? 'play' : 'pause'} /> <span class="pause-text">{tail.paused ? 'Resume' : 'Pause'}</span>
  </button>
)

/** While the list stands still: how many lines wait, and the way back to them. */
export function Pill({ tail }: { tail: LiveTail }) {
  if (!tail.paused) return null
  return (
    <button class="pill" type="button" onClick={tail.resume}>
      <Icon name="down" />
      {tail.pending === 0 ? 'Paused' : plural(tail.pending, 'new line')}
    </button>
  )
}

const stateWords = { connecting: 'Connecting…', live: 'Live', waiting: 'Reconnecting…' } as const
const spokenEveryMs = 10_000

/** Beneath the list: is it live, how much, and which keys there are. */
export function TailFoot({ tail }: { tail: LiveTail }) {
  const { state, rate, rows, dropped, paused } = tail
  const words = paused && state === 'live' ? 'Paused' : stateWords[state]
  return (
    <footer class="tail-foot">
      <span class={`tail-state tail-${paused ? 'paused' : state}`}>
        <span class="dot" aria-hidden="true" /> {words}
      </span>
      <span class="number">{formatRate(rate)} lines/s</span>
      <span class="number tail-kept">{plural(rows.length, 'line')} shown</span>
      {dropped > 0 && (
        <span
          class="tail-dropped"
          title="The browser was too slow for the stream. Nothing is lost in the stores; narrow the filter."
        >
          {formatCount(dropped)} not shown: too fast
        </span>
      )}
      <Spoken tail={tail} />
      <span class="keys" aria-hidden="true">
        <kbd>/</kbd> filter <kbd>space</kbd> pause <kbd>esc</kbd> clear <kbd>↑</kbd>
        <kbd>↓</kbd> move <kbd>↵</kbd> open
      </span>
    </footer>
  )
}

/** For screen readers: a count now and then, not each line. */
function Spoken({ tail }: { tail: LiveTail }) {
  const [text, setText] = useState('')
  const now = `${plural(tail.rows.length, 'line')} shown, ${formatRate(tail.rate)} per second${tail.paused ? ', paused' : ''}`
  useEffect(() => {
    const timer = setInterval(() => setText(now), spokenEveryMs)
    return () => clearInterval(timer)
  }, [now])
  return (
    <span class="off-screen" role="status" aria-live="polite">
      {text}
    </span>
  )
}
