const maxShownChars = 600
const ansi = /\u001b\[[0-9;?]*[ -/]*[@-~]/g
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g

/** A message without terminal colours and control characters; line breaks stay. */
export const cleanText = (message: string): string => message.replace(ansi, '').replace(control, '·')

/** What a row of the list shows of a message: one line, not longer than a screen is wide. */
export function oneLine(message: string): string {
  const text = message.length > maxShownChars * 2 ? message.slice(0, maxShownChars * 2) : message
  const line = cleanText(text)
    .trimEnd()
    .replace(/\s*\r?\n\s*/g, ' ↵ ')
    .replaceAll('\t', '  ')
  return line.length > maxShownChars ? `${line.slice(0, maxShownChars)}…` : line
}

export interface Piece {
  readonly text: string
  readonly hit: boolean
}

/** The words of a search, for `highlight`: quotes hold words together, a trailing * is the search's, not the text's. */
export function wordsOf(query: string | undefined): string[] {
  const found = (query ?? '').match(/"[^"]+"|[^\s"]+/g) ?? []
  return found.map(word => word.replace(/^"|"$|\*$/g, '').toLowerCase()).filter(word => word !== '')
}

/** Cuts a text where one of the (lower-case) words stands in it. */
export function highlight(text: string, words: readonly string[]): Piece[] {
  if (words.length === 0) return [{ text, hit: false }]
  const pattern = words.map(word => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')
  return text
    .split(new RegExp(`(${pattern})`, 'gi'))
    .map((piece, index) => ({ text: piece, hit: index % 2 === 1 }))
    .filter(piece => piece.text !== '')
}
