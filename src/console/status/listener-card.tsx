import type { Flowing, ListenerStatus } from '../../core/status.ts'
import { formatBytes, formatCount, formatRate, formatShort } from '../format.ts'

/** Where Culvert listens, and what came in there. */
export function ListenerCard({ listeners }: { listeners: readonly Flowing<ListenerStatus>[] }) {
  return (
    <section class="panel card" aria-label="Listeners">
      <h2>Listeners</h2>
      <ul class="listeners">
        {listeners.map(listener => (
          <Listener key={`${listener.name}:${listener.port}`} listener={listener} />
        ))}
        {listeners.length === 0 && <li class="dim">None is open yet.</li>}
      </ul>
    </section>
  )
}

function Listener({ listener }: { listener: Flowing<ListenerStatus> }) {
  const { name, address, port, connections, frames, bytes, problems, waiting } = listener
  const bad = Object.entries(problems).filter(([, count]) => count > 0)
  return (
    <li class="listener">
      <div class="listener-name">
        <strong>{name}</strong>
        <code>{name === 'stdin' ? 'standard input' : `${address}:${port}`}</code>
      </div>
      <dl class="numbers">
        <div>
          <dt>connections</dt>
          <dd>{formatCount(connections)}</dd>
        </div>
        <div>
          <dt>frames/s</dt>
          <dd>{formatRate(listener.framesPerSecond)}</dd>
        </div>
        <div>
          <dt>frames</dt>
          <dd title={formatCount(frames)}>{formatShort(frames)}</dd>
        </div>
        <div>
          <dt>bytes</dt>
          <dd>{formatBytes(bytes)}</dd>
        </div>
        {waiting !== undefined && (
          <div title="POSTs that are answered when every lane has delivered them">
            <dt>waiting</dt>
            <dd>{formatCount(waiting)}</dd>
          </div>
        )}
      </dl>
      {bad.length > 0 && (
        <ul class="chips" aria-label="Problems">
          {bad.map(([what, count]) => (
            <li key={what} class="chip chip-warn">
              {what.replaceAll('_', ' ')} <span class="number">{formatCount(count)}</span>
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}
