import { expect, test } from 'vitest'
import { cleanText, highlight, oneLine, wordsOf } from '../../src/console/log/one-line.ts'

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

test('the words of a search', () => {
  expect(wordsOf('Time "not found" err*')).toEqual(['time', 'not found', 'err'])
  expect(wordsOf(undefined)).toEqual([])
})

test('words are found whatever their case, and are no patterns', () => {
  expect(highlight('a TIMEOUT (x) timeout', ['timeout', '(x)'])).toEqual([
    { text: 'a ', hit: false },
    { text: 'TIMEOUT', hit: true },
    { text: ' ', hit: false },
    { text: '(x)', hit: true },
    { text: ' ', hit: false },
    { text: 'timeout', hit: true }
  ])
  expect(highlight('plain', [])).toEqual([{ text: 'plain', hit: false }])
})
