import { useMemo, useRef } from 'preact/hooks'
import type { Status } from '../../core/status.ts'
import { FilterBar } from '../log/filter-bar.tsx'
import { LogList } from '../log/log-list.tsx'
import { wordsIn } from '../log/one-line.ts'
import { filterOf, type Route } from '../route.ts'
import { useKeys } from '../use-keys.ts'
import { useSetParams } from '../use-route.ts'
import { EmptyTail } from './empty-tail.tsx'
import { LiveCharts } from './live-charts.tsx'
import { PauseButton, Pill, TailFoot } from './tail-controls.tsx'
import { useTail } from './use-tail.ts'

/** What happens now: two charts, and the lines as they come. */
export function LivePage({ route, status }: { route: Route; status: Status | undefined }) {
  const setParams = useSetParams(route)
  const filter = filterOf(route.params)
  const tail = useTail(filter)
  const words = useMemo(() => wordsIn(route.params.q), [route.params.q])
  const filtered = Object.keys(filter).length > 0
  const byReading = useRef(false)
  const hold = (reading: boolean) => {
    if (!tail.paused) byReading.current = reading
    tail.pause()
  }
  const toggle = () => (tail.paused ? tail.resume() : hold(false))
  useKeys({ ' ': toggle, End: tail.resume })
  return (
    <>
      <LiveCharts minutes={route.params.minutes === '5' ? 5 : 15} setParams={setParams} />
      <section class="panel tail" aria-label="Live tail">
        <FilterBar route={route} placeholder="Filter lines" setParams={setParams}>
          <PauseButton tail={tail} onToggle={toggle} />
        </FilterBar>
        <div class="tail-body">
          {tail.rows.length === 0 && tail.settled ? (
            <EmptyTail
              filtered={filtered}
              status={status}
              onClear={() => setParams({ q: '', app: '', level: '', source: '' })}
            />
          ) : (
            <LogList
              label="Lines, the newest last"
              rows={tail.rows}
              words={words}
              follow={!tail.paused}
              onRead={() => hold(true)}
              onEnd={() => byReading.current && tail.resume()}
            />
          )}
          <Pill tail={tail} />
        </div>
        <TailFoot tail={tail} />
      </section>
    </>
  )
}
