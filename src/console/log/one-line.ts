import { patternOf, readTerms } from '../../core/words.ts'

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

/** Where the words of a search stand, for `highlight`. */
export const wordsIn = (query: string | undefined): RegExp | undefined => patternOf(readTerms(query ?? ''))

/** Cuts a text where the pattern stands in it. */
export function highlight(text: string, words: RegExp | undefined): Piece[] {
  const pieces: Piece[] = []
  let end = 0
  for (const { 0: hit, index } of words === undefined ? [] : text.matchAll(words)) {
    if (index > end) pieces.push({ text: text.slice(end, index), hit: false })
    pieces.push({ text: hit, hit: true })
    end = index + hit.length
  }
  if (end < text.length) pieces.push({ text: text.slice(end), hit: false })
  return pieces
}
