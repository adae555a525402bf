import { useMemo } from 'preact/hooks'
import { jsonTokens } from './json-text.ts'

/** A value as indented, coloured JSON. */
export function JsonView({ title, value }: { title: string; value: unknown }) {
  const tokens = useMemo(() => jsonTokens(value), [value])
  return (
    <section class="json" aria-label={title}>
      <pre>
        {tokens.map((token, index) => (
          <span key={index} class={`json-${token.kind}`}>
            {token.text}
          </span>
        ))}
      </pre>
    </section>
  )
}
