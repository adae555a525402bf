import { useMemo } from 'preact/hooks'
import { useApi } from '../api-context.ts'
import { usePoll } from '../use-poll.ts'

const everyMs = 60_000

/** Names of the apps that sent container metrics lately, for completion; empty where the API does not know. */
export function useAppNames(): readonly string[] {
  const api = useApi()
  const { value } = usePoll(api.containers, everyMs)
  return useMemo(
    () => [...new Set(value?.containers.map(container => container.source.app))].filter(app => app !== '').sort(),
    [value]
  )
}
