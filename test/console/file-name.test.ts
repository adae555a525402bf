import { expect, test } from 'vitest'
import { fileName } from '../../src/console/ledger/file-name.ts'
import { exampleLedger } from '../http/open-http.ts'

test('a saved ledger is named for its moment, in characters that every file system takes', () => {
  const generatedAt = Date.UTC(2026, 10, 24, 4, 29, 3, 785)
  expect(fileName({ ...exampleLedger, generatedAt })).toBe('culvert-ledger-2026-11-24T04-29-03Z.json')
})
