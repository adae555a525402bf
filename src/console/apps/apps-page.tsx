import { useMemo } from 'preact/hooks'
import type { LaneStatus } from '../../core/status.ts'
import { isElsewhere } from '../api.ts'
import { useApi } from '../api-context.ts'
import { Elsewhere } from '../elsewhere.tsx'
import { Failure } from '../failure.tsx'
import type { Route } from '../route.ts'
import { usePoll } from '../use-poll.ts'
import { useSetParams } from '../use-route.ts'
import { ContainerTable } from './container-table.tsx'
import { MetricPanel } from './metric-panel.tsx'
import { seriesBySource } from './series.ts'

const everyMs = 15_000
const sparkMs = 15 * 60_000
const sparkStepMs = 30_000

/** Every app instance with its last container metrics, and any metric as a chart. */
export function AppsPage({ route, lanes }: { route: Route; lanes: readonly LaneStatus[] }) {
  const api = useApi()
  const setParams = useSetParams(route)
  const containers = usePoll(api.containers, everyMs)
  const recent = (name: string) => (signal: AbortSignal) =>
    api.metrics({ name, from: Date.now() - sparkMs, stepMs: sparkStepMs }, signal)
  const names = usePoll(signal => api.metricNames({ from: Date.now() - 24 * 3_600_000 }, signal), everyMs)
  const cpu = usePoll(recent('cpu'), everyMs)
  const memory = usePoll(recent('memory'), everyMs)
  const sparks = useMemo(
    () => ({ cpu: seriesBySource(cpu.value?.series), memory: seriesBySource(memory.value?.series) }),
    [cpu.value, memory.value]
  )
  const { value, error, reload } = containers
  if (isElsewhere(error)) return <Elsewhere what="Metrics" lanes={lanes} />
  if (value === undefined && error !== undefined) return <Failure error={error} onAgain={reload} />
  return (
    <>
      {value?.containers.length === 0 && names.value?.names.length === 0 ? null : (
        <MetricPanel route={route} setParams={setParams} />
      )}
      <ContainerTable
        containers={value?.containers}
        sparks={sparks}
        chosen={route.params.app}
        onChoose={app => setParams({ app: app === route.params.app ? '' : app })}
      />
    </>
  )
}
