import { useEffect, useRef, useState } from 'preact/hooks'
import { Icon } from '../icon.tsx'
import { useKeys } from '../use-keys.ts'

const settleMs = 250

export interface SearchFieldProps {
  readonly kind?: 'words' | 'app'
  readonly list?: string
  readonly value: string
  readonly placeholder: string
  onValue(value: string): void
}

/** A text field that speaks when typing pauses. `/` goes to the one for words, Escape empties it, once more leaves it. */
export function SearchField({ kind = 'words', list, value, placeholder, onValue }: SearchFieldProps) {
  const [text, setText] = useState(value)
  const input = useRef<HTMLInputElement>(null)
  const said = useRef(value)
  const words = kind === 'words'

  useEffect(() => {
    if (value === said.current) return
    said.current = value
    setText(value)
  }, [value])
  useEffect(() => {
    if (text === said.current) return
    const timer = setTimeout(() => say(text), settleMs)
    return () => clearTimeout(timer)
  }, [text])
  useKeys(words ? { '/': enter, Escape: () => say('') } : {})

  function enter(): void {
    input.current?.focus()
    input.current?.select()
  }

  function say(next: string): void {
    setText(next)
    if (next === said.current) return
    said.current = next
    onValue(next)
  }

  return (
    <div class={`search-field search-${kind}${text === '' ? '' : ' is-set'}`}>
      {words && <Icon name="search" />}
      <input
        ref={input}
        type="text"
        aria-label={words ? 'Words' : 'App'}
        {...(list !== undefined && { list })}
        placeholder={placeholder}
        value={text}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        enterkeyhint="search"
        onInput={event => setText(event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key === 'Enter') say(text)
          if (event.key !== 'Escape') return
          event.preventDefault()
          if (text === '') event.currentTarget.blur()
          else say('')
        }}
      />
      {text === '' ? (
        words && <kbd title="Press / to come here">/</kbd>
      ) : (
        <button type="button" class="clear" aria-label="Clear" onClick={() => say('')}>
          <Icon name="close" />
        </button>
      )}
    </div>
  )
}
