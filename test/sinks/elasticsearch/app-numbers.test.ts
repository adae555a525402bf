import { expect, test } from 'vitest'
import { appNumbers, isDeeperThan, maxAppNumbers } from '../../../sinks/elasticsearch/app-numbers.ts'

test('what no double can hold is left out', () => {
  expect(appNumbers(JSON.parse('{"a":1e999,"b":2}'))).toEqual({ b: 2 })
})

test('the numbers of one document are bounded', () => {
  const many = Object.fromEntries(Array.from({ length: maxAppNumbers + 10 }, (_, i) => [`n${i}`, { v: i }]))
  const keys = Object.keys(appNumbers(many))
  expect([keys.length, keys.at(-1)]).toEqual([maxAppNumbers, `n${maxAppNumbers - 1}.v`])
})

test('paths are bounded in bytes', () => {
  expect(appNumbers({ ['ä'.repeat(128)]: 1, ['ö'.repeat(129)]: 2 })).toEqual({ ['ä'.repeat(128)]: 1 })
})

test('depth counts objects and arrays, and a very deep value is not walked to its end', () => {
  expect(isDeeperThan({ a: [1] }, 2)).toBe(false)
  expect(isDeeperThan({ a: [{}] }, 2)).toBe(true)
  expect(isDeeperThan(JSON.parse(`{"a":${'['.repeat(60_000)}${']'.repeat(60_000)}}`), 20)).toBe(true)
})
