import { expect, test } from 'vitest'
import { createJournalLog } from '../../src/telemetry/journal-log.ts'

test('what becomes of the journal is said once', () => {
  const said: unknown[] = []
  const say = (level: string) => (fields: object) => void said.push([level, fields])
  const tell = createJournalLog({ info: say('info'), warn: say('warn'), error: say('error') } as never)
  const full = { state: 'full', reason: '64 MiB of 64 MiB, held back by elasticsearch' } as const
  const failing = { state: 'failing', reason: 'EIO' } as const
  for (const state of [{ state: 'ok' }, full, full, failing, failing, { state: 'ok' }, { state: 'ok' }] as const)
    tell(state)
  expect(said).toEqual([
    ['warn', { reason: full.reason }],
    ['error', { reason: 'EIO' }],
    ['info', {}]
  ])
})
