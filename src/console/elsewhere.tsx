import type { ApiError } from './api.ts'
import { Linked } from './linked.tsx'

/** There is no local store: where to look instead. */
export function Elsewhere({ error, what }: { error: ApiError; what: string }) {
  const places = error.where?.split('; ').filter(place => place !== '') ?? []
  return (
    <div class="empty">
      <h2>{what} are kept elsewhere</h2>
      <p class="dim">{error.message} What comes in goes to:</p>
      <ul class="places">
        {places.map(place => (
          <li key={place}>
            <Linked text={place} />
          </li>
        ))}
      </ul>
      <p class="dim">The live view works here all the same.</p>
    </div>
  )
}
