import type { ApiError } from './api.ts'

/** The store is not ours: where to look instead. */
export function Elsewhere({ error, what }: { error: ApiError; what: string }) {
  const { where } = error
  return (
    <div class="empty">
      <h2>{what} are kept elsewhere</h2>
      <p>{error.message}</p>
      {where !== undefined &&
        (/^https?:\/\//.test(where) ? (
          <a class="button button-main" href={where} target="_blank" rel="noreferrer">
            Open {new URL(where).host}
          </a>
        ) : (
          <p class="where">{where}</p>
        ))}
      <p class="dim">The live view works here all the same: it shows what comes in, whatever the store.</p>
    </div>
  )
}
