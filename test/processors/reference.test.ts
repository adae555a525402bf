import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { processorReference } from './reference.ts'

test('docs/processors.md is what the schemas and cases say', () => {
  expect(readFileSync(new URL('../../docs/processors.md', import.meta.url), 'utf8')).toBe(processorReference())
})
