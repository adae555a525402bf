import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonTokens } from '../../src/console/log/json-text.ts'

test('keys, strings, numbers and words are told apart', () => {
  expect(jsonTokens({ 'a"b': 'c: 1', n: -1.5e-7, ok: true }).filter(({ kind }) => kind !== 'plain')).toEqual([
    { kind: 'key', text: '"a\\"b"' },
    { kind: 'string', text: '"c: 1"' },
    { kind: 'key', text: '"n"' },
    { kind: 'number', text: '-1.5e-7' },
    { kind: 'key', text: '"ok"' },
    { kind: 'word', text: 'true' }
  ])
})

test('the pieces together are the JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      const text = jsonTokens(value)
        .map(token => token.text)
        .join('')
      expect(text).toBe(JSON.stringify(value, undefined, 2))
    })
  )
})

test('what is too long is cut, and says so', () => {
  const tokens = jsonTokens({ long: 'x'.repeat(300_000) })
  expect(tokens.at(-1)?.text).toMatch(/^\n… \d+ more characters/)
})
