import { expect, test } from 'vitest'
import { cleanText, highlight, oneLine, wordsIn } from '../../src/console/log/one-line.ts'

test('a row has one line: breaks are marked, colours and control characters gone', () => {
  expect(oneLine('\u001b[31mError: x\u001b[0m\n\tat a.js:1\r\n\tat b.js:2\n')).toBe('Error: x ↵ at a.js:1 ↵ at b.js:2')
  expect(oneLine('bell \u0007 here')).toBe('bell · here')
})

test('a long line is cut', () => {
  expect(oneLine('x'.repeat(100_000))).toBe(`${'x'.repeat(600)}…`)
})

test('open, a message keeps its line breaks', () => {
  expect(cleanText('\u001b[1;32ma\u001b[m\n\tb')).toBe('a\n\tb')
})

const hits = (text: string, query: string | undefined) =>
  highlight(text, wordsIn(query))
    .filter(({ hit }) => hit)
    .map(piece => piece.text)

test.each([
  ['Time', 'time: a timer ran out of TIME', ['time', 'TIME']],
  ['"not found" err*', 'Not  found: 2 errors, no terror', ['Not  found', 'errors']],
  ['10.0.0.1', '10.0.0.1 and 10.0.0.12', ['10.0.0.1']],
  ['"', 'a "quote"', []],
  [undefined, 'anything', []]
])('what the search for %s matched is shown', (query, text, expected) => {
  expect(hits(text, query)).toEqual(expected)
})

test('words are found whatever their case, and are no patterns', () => {
  expect(highlight('a TIMEOUT (x) timeout', wordsIn('timeout (x)'))).toEqual([
    { text: 'a ', hit: false },
    { text: 'TIMEOUT', hit: true },
    { text: ' (', hit: false },
    { text: 'x', hit: true },
    { text: ') ', hit: false },
    { text: 'timeout', hit: true }
  ])
  expect(highlight('plain', undefined)).toEqual([{ text: 'plain', hit: false }])
})
