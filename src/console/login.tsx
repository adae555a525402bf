import { useEffect, useRef, useState } from 'preact/hooks'
import { Mark } from './icon.tsx'

/** Asks for the token; `refused` says that the one we had is not right. */
export function Login({ refused, onToken }: { refused: boolean; onToken: (token: string) => void }) {
  const [token, setToken] = useState('')
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  return (
    <main class="login">
      <form
        class="login-card"
        onSubmit={event => {
          event.preventDefault()
          if (token.trim() !== '') onToken(token.trim())
        }}
      >
        <h1 class="brand brand-large">
          <Mark /> Culvert
        </h1>
        <p class="dim">This console is protected. Enter the token that the server was started with.</p>
        <label class="field">
          <span>Token</span>
          <input
            ref={input}
            type="password"
            name="token"
            autocomplete="current-password"
            value={token}
            aria-invalid={refused}
            aria-describedby="login-note"
            onInput={event => setToken(event.currentTarget.value)}
          />
        </label>
        <p id="login-note" class={refused ? 'note note-bad' : 'note'} role={refused ? 'alert' : undefined}>
          {refused ? (
            'The server did not take this token.'
          ) : (
            <>
              It is the value of <code>CULVERT_TOKEN</code>, and is kept until you close this tab.
            </>
          )}
        </p>
        <button class="button button-main" type="submit" disabled={token.trim() === ''}>
          Log in
        </button>
      </form>
    </main>
  )
}
