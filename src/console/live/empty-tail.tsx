import type { Status } from '../../core/status.ts'
import { CopyButton } from '../copy-button.tsx'
import { drainUrl } from './drain-url.ts'

export interface EmptyTailProps {
  readonly filtered: boolean
  readonly status: Status | undefined
  onClear(): void
}

/** No lines yet: how to send some; or none that match. */
export function EmptyTail({ filtered, status, onClear }: EmptyTailProps) {
  if (filtered) {
    return (
      <div class="empty">
        <h2>No line matches yet</h2>
        <p>Matching lines appear here as they come.</p>
        <button class="button" type="button" onClick={onClear}>
          Clear the filter
        </button>
      </div>
    )
  }
  const command = `cf cups culvert -l ${drainUrl(status?.listeners ?? [], location.hostname)}`
  return (
    <div class="empty">
      <h2>Waiting for the first line</h2>
      <p>Point an app at this drain, and its logs appear here:</p>
      <Command text={`${command}\ncf bind-service YOUR-APP culvert`} />
      <p>Or see it alive with made-up traffic, on the machine where Culvert runs:</p>
      <Command text="npm run demo" />
    </div>
  )
}

const Command = ({ text }: { text: string }) => (
  <div class="command">
    <pre>{text}</pre>
    <CopyButton label="Copy" text={() => text} />
  </div>
)
