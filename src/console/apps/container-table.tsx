import { useState } from 'preact/hooks'
import type { Container, MetricSeries } from '../../core/search.ts'
import { formatAgo, formatBytes, formatCount, formatValue } from '../format.ts'
import { hrefOf } from '../route.ts'
import { instanceName, type SortKey, sortContainers, sourceKey } from './series.ts'
import { Sparkline } from './sparkline.tsx'

type Points = ReadonlyMap<string, MetricSeries['points']>

export interface ContainerTableProps {
  readonly containers: readonly Container[] | undefined
  readonly sparks: { readonly cpu: Points; readonly memory: Points }
  readonly chosen: string | undefined
  onChoose(app: string): void
}

/** Metrics come every 15 s: an instance that was silent this long has stopped, or lost its drain. */
const staleMs = 90_000

export function ContainerTable({ containers, sparks, chosen, onChoose }: ContainerTableProps) {
  const [by, setBy] = useState<SortKey>('app')
  if (containers?.length === 0) {
    return (
      <div class="panel empty">
        <h2>No container metrics yet</h2>
        <p>
          Apps send them every 15 seconds through a drain with <code>?drain-data=all</code> or{' '}
          <code>?drain-data=metrics</code>.
        </p>
      </div>
    )
  }
  const head = (key: SortKey, label: string) => (
    <th scope="col" aria-sort={by === key ? (key === 'app' ? 'ascending' : 'descending') : 'none'}>
      <button type="button" onClick={() => setBy(key)}>
        {label} <span aria-hidden="true">{by === key ? (key === 'app' ? '↑' : '↓') : ''}</span>
      </button>
    </th>
  )
  return (
    <section class="panel instances" aria-label="App instances">
      <header class="chart-head">
        <h2>Instances</h2>
        <span class="dim">{containers && formatCount(containers.length)}</span>
      </header>
      <div class="table-box">
        <table>
          <thead>
            <tr>
              {head('app', 'App')}
              {head('cpu', 'CPU')}
              {head('memory', 'Memory')}
              {head('disk', 'Disk')}
              <th scope="col">Seen</th>
              <th scope="col">
                <span class="off-screen">Links</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {sortContainers(containers ?? [], by).map(container => (
              <Row
                key={sourceKey(container.source)}
                container={container}
                sparks={sparks}
                chosen={chosen}
                onChoose={onChoose}
              />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

interface RowProps extends Omit<ContainerTableProps, 'containers'> {
  readonly container: Container
}

function Row({ container, sparks, chosen, onChoose }: RowProps) {
  const { source, at, cpu, memory, memoryQuota, disk, diskQuota } = container
  const key = sourceKey(source)
  const now = Date.now()
  return (
    <tr class={`${source.app === chosen ? 'is-chosen' : ''}${now - at > staleMs ? ' is-stale' : ''}`}>
      <th scope="row">
        <button type="button" title="Show only this app in the chart" onClick={() => onChoose(source.app)}>
          <span class="app-name">{source.app}</span> <span class="dim">{instanceName(source, false)}</span>
        </button>
        <span class="app-place dim">
          {source.org} / {source.space}
        </span>
      </th>
      <td data-label="CPU">
        <div class="cell cell-cpu">
          <span class="number value">{cpu === undefined ? '–' : formatValue(cpu, 'percentage')}</span>
          <Sparkline points={sparks.cpu.get(key)} label={`CPU of ${instanceName(source)}, 15 minutes`} />
        </div>
      </td>
      <td data-label="Memory">
        <div class="cell">
          <Share used={memory} quota={memoryQuota} />
          <Sparkline points={sparks.memory.get(key)} label={`Memory of ${instanceName(source)}, 15 minutes`} />
        </div>
      </td>
      <td data-label="Disk">
        <Share used={disk} quota={diskQuota} />
      </td>
      <td data-label="Seen" class="number dim seen">
        {formatAgo(at, now)}
      </td>
      <td class="row-links">
        <a class="button" href={hrefOf('live', { app: source.app })}>
          Logs
        </a>
      </td>
    </tr>
  )
}

/** An amount, and how much of the quota that is. */
function Share({ used, quota }: { used: number | undefined; quota: number | undefined }) {
  if (used === undefined) return <span class="number value">–</span>
  const share = quota === undefined || quota <= 0 ? undefined : Math.min(1, used / quota)
  const level = share === undefined || share < 0.8 ? 'good' : share < 0.95 ? 'warn' : 'bad'
  return (
    <span class="share">
      <span class="number value">
        {formatBytes(used)}
        {quota !== undefined && quota > 0 && <span class="dim"> / {formatBytes(quota)}</span>}
      </span>
      {share !== undefined && (
        <span class="meter" title={`${(share * 100).toFixed(0)} % of the quota`}>
          <span class={`meter-${level}`} style={{ width: `${share * 100}%` }} />
        </span>
      )}
    </span>
  )
}
