import { useEffect, useState } from 'preact/hooks'
import { Icon } from './icon.tsx'

const saidForMs = 1600

/** Puts a text on the clipboard, and says that it did. */
export function CopyButton({ label, text }: { label: string; text: () => string }) {
  const [said, setSaid] = useState('')
  useEffect(() => {
    if (said === '') return
    const timer = setTimeout(() => setSaid(''), saidForMs)
    return () => clearTimeout(timer)
  }, [said])
  const copy = async () => setSaid((await copyText(text())) ? 'Copied' : 'Not allowed by the browser')
  return (
    <button class="button" type="button" onClick={() => void copy()}>
      <Icon name={said === 'Copied' ? 'check' : 'copy'} /> <span aria-live="polite">{said || label}</span>
    </button>
  )
}

/** The clipboard is there on https and localhost only; elsewhere a hidden field does it. */
async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard !== undefined) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false
    )
  }
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'off-screen'
  document.body.append(field)
  field.select()
  const done = document.execCommand('copy')
  field.remove()
  return done
}
