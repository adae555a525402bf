import type { LogRow, PlainSource } from '../../src/core/plain.ts'

export const source = (change: Partial<PlainSource> = {}): PlainSource => ({
  org: 'acme',
  space: 'production',
  app: 'web',
  appId: 'a1',
  type: 'APP',
  instance: '0',
  process: 'web',
  ...change
})

export const row = (id: string, change: Partial<LogRow> = {}): LogRow => ({
  id,
  time: '2026-11-24T04:29:03.785942001Z',
  receivedAt: 1_795_494_543_790,
  kind: 'log',
  level: 'info',
  message: `message ${id}`,
  source: source(),
  ...change
})
