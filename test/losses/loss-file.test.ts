import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { CulvertError } from '../../src/core/errors.ts'
import { type LossState, readLosses, writeLosses } from '../../src/losses/loss-file.ts'

const state: LossState = {
  since: 1,
  through: 2,
  forgotten: 0,
  recent: ['a'],
  entries: [
    {
      kind: 'drain',
      rest: false,
      appId: 'id',
      app: 'shop',
      space: 'prod',
      org: 'acme',
      drain: 'syslog://drain:514',
      lost: 5,
      reports: 1,
      first: 3,
      last: 3
    }
  ]
}

function openDirectory(): string {
  const dir = mkdtempSync(join(tmpdir(), 'culvert-losses-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}
const never = (error: CulvertError): never => {
  throw error
}

test('what was written is read, of each partition its own; only the owner may look', async () => {
  const dir = openDirectory()
  expect(readLosses(dir, 0, never)).toBeUndefined()
  await writeLosses(dir, 0, state)
  await writeLosses(dir, 0, { ...state, through: 9 })
  await writeLosses(dir, 1, state)
  expect([readLosses(dir, 0, never), readLosses(dir, 1, never)]).toEqual([{ ...state, through: 9 }, state])
  expect(statSync(join(dir, 'losses', '0.json')).mode & 0o777).toBe(0o600)
})

test.each([
  '{"version":1,',
  '{"version":2}',
  ''
])('a book that reads %j is told, copied and begun anew', async content => {
  const dir = openDirectory()
  await writeLosses(dir, 0, state)
  const path = join(dir, 'losses', '0.json')
  writeFileSync(path, content)
  const told: string[] = []
  expect(readLosses(dir, 0, ({ code }) => void told.push(code))).toBeUndefined()
  expect([told, readFileSync(`${path}.damaged`, 'utf8')]).toEqual([['LOSSES_DAMAGED'], content])
})
