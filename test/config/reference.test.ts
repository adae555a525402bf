import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { configReference } from '../../src/config/reference.ts'
import { allSettings } from '../../src/config/settings.ts'

test('docs/configuration.md is what the schemas say: node src/config/reference.ts > docs/configuration.md', () => {
  expect(readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')).toBe(configReference())
})

test('every setting has one sentence and says what it may be', () => {
  for (const { key, description, allowed } of allSettings) {
    expect(description, key).toMatch(/^\S.*\.$/)
    expect(allowed, key).not.toBe('')
  }
})
