import { useState } from 'preact/hooks'
import { ApiError } from '../api.ts'
import { useApi } from '../api-context.ts'
import { Icon } from '../icon.tsx'

/** Stops a lane at a commit and starts it anew: for a connection that is stuck. */
export function RestartButton({ lane }: { lane: string }) {
  const api = useApi()
  const [said, setSaid] = useState('')
  const [busy, setBusy] = useState(false)
  const restart = async () => {
    setBusy(true)
    setSaid('Restarting…')
    try {
      await api.restartLane(lane)
      setSaid('')
    } catch (error) {
      setSaid(error instanceof ApiError ? error.message : 'Culvert does not answer.')
    }
    setBusy(false)
  }
  return (
    <p class="card-foot">
      <button
        class="button"
        type="button"
        disabled={busy}
        title="Stops it at a commit and starts it anew, with new connections; nothing is lost or doubled"
        onClick={() => void restart()}
      >
        <Icon name="refresh" /> Restart
      </button>
      <span class="dim" aria-live="polite">
        {said}
      </span>
    </p>
  )
}
