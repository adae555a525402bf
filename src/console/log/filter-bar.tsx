import type { ComponentChildren } from 'preact'
import { useId, useMemo } from 'preact/hooks'
import { levels } from '../../core/event.ts'
import type { Route } from '../route.ts'
import type { Params } from '../use-route.ts'
import { SearchField } from './search-field.tsx'
import { useAppNames } from './use-app-names.ts'

/** Source types that the platform has: see `cf logs`. */
const sourceTypes = ['APP', 'RTR', 'STG', 'API', 'CELL', 'SSH', 'LGR', 'HEALTH', 'PROXY']

export interface FilterBarProps {
  readonly route: Route
  readonly placeholder: string
  readonly setParams: (changes: Params) => void
  /** More controls, at the end of the bar. */
  readonly children?: ComponentChildren
}

/** What a person watches: words, app, least level, source type; all of it is in the address. */
export function FilterBar({ route: { params }, placeholder, setParams, children }: FilterBarProps) {
  const list = useId()
  const apps = useAppNames()
  const types = useMemo(
    () => (params.source && !sourceTypes.includes(params.source) ? [...sourceTypes, params.source] : sourceTypes),
    [params.source]
  )
  return (
    <search class="filter-bar">
      <SearchField value={params.q ?? ''} placeholder={placeholder} onValue={q => setParams({ q })} />
      <SearchField
        kind="app"
        list={list}
        value={params.app ?? ''}
        placeholder="Any app"
        onValue={app => setParams({ app })}
      />
      <datalist id={list}>
        {apps.map(app => (
          <option key={app} value={app} />
        ))}
      </datalist>
      <select
        class={params.level ? 'is-set' : ''}
        aria-label="Least level"
        value={params.level ?? ''}
        onChange={event => setParams({ level: event.currentTarget.value })}
      >
        <option value="">Any level</option>
        {levels.map(level => (
          <option key={level} value={level}>
            {level === 'fatal' ? level : `≥ ${level}`}
          </option>
        ))}
      </select>
      <select
        class={params.source ? 'is-set' : ''}
        aria-label="Source type"
        value={params.source ?? ''}
        onChange={event => setParams({ source: event.currentTarget.value })}
      >
        <option value="">Any source</option>
        {types.map(type => (
          <option key={type} value={type}>
            {type}
          </option>
        ))}
      </select>
      {children}
    </search>
  )
}
