import { expect, test } from 'vitest'
import { retryAfterMs } from '../../src/core/retry-after.ts'

const now = Date.UTC(2026, 10, 24, 4, 29, 0)

test.each([
  ['7', 7000],
  [['7', '8'], 7000],
  ['0', 0],
  ['Tue, 24 Nov 2026 04:29:30 GMT', 30_000],
  ['Tue, 24 Nov 2026 04:00:00 GMT', 0],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined]
])('%j → %j', (header, ms) => {
  expect(retryAfterMs(header, now)).toBe(ms)
})
