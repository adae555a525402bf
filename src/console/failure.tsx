import { ApiError } from './api.ts'

/** A call failed: what the server said, and what one can do. */
export function Failure({ error, onAgain }: { error: unknown; onAgain: () => void }) {
  const advice = error instanceof ApiError ? error.advice : undefined
  return (
    <div class="empty" role="alert">
      <h2>That did not work</h2>
      <p>{error instanceof ApiError ? error.message : 'Culvert does not answer.'}</p>
      {advice !== undefined && <p class="dim">{advice}</p>}
      <button class="button" type="button" onClick={onAgain}>
        Try again
      </button>
    </div>
  )
}
