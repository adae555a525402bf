import type { LaneStatus } from '../core/status.ts'
import { Linked } from './linked.tsx'

export interface ElsewhereProps {
  readonly what: 'Logs' | 'Metrics'
  readonly lanes: readonly LaneStatus[]
}

/** There is no local store: where to look instead. */
export function Elsewhere({ what, lanes }: ElsewhereProps) {
  const places = new Map(lanes.map(({ name, where }) => [name, where]))
  return (
    <div class="empty">
      <h2>{what} are kept elsewhere</h2>
      <p class="dim">Culvert runs without a local store here. What comes in goes to:</p>
      <dl class="places">
        {Array.from(places, ([name, where]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Linked text={where} />
            </dd>
          </div>
        ))}
      </dl>
      <p class="dim">
        The live view works here all the same. With <code>CULVERT_LOCAL_STORE=on</code> Culvert keeps what comes in here
        too.
      </p>
    </div>
  )
}
