import { expect, test } from 'vitest'
import type { DocumentEvent } from '../../../sinks/elasticsearch/fixed-fields.ts'
import { safeDocumentOf } from '../../../sinks/elasticsearch/safe-form.ts'
import { LogEvent } from '../../../src/core/event.ts'
import { appLine, eventsOf } from '../wire-events.ts'

const safe = (frame: string): Record<string, unknown> =>
  safeDocumentOf(eventsOf([frame])[0] as DocumentEvent, 'no \ud800') as Record<string, unknown>

test('the app’s JSON is text, and the reason is there', () => {
  const document = safe(appLine('{"msg":"hi","level":"warn","n":1}'))
  expect(document).toMatchObject({
    message: 'hi',
    log: { level: 'warn' },
    app_text: '{"msg":"hi","level":"warn","n":1}',
    error: { message: 'no \ufffd' },
    tags: ['safe_form']
  })
  expect(document).not.toHaveProperty('app')
  expect(document).not.toHaveProperty('app_num')
})

test('a line without JSON has no second copy of its text', () => {
  expect(safe(appLine('text'))).not.toHaveProperty('app_text')
})

test('texts and numbers of members are clamped', () => {
  const tags = Array.from({ length: 100 }, (_, i) => `t${i}="${'v'.repeat(2000)}"`).join(' ')
  const document = safe(`<14>1 2026-11-24T04:29:03+00:00 ${'h'.repeat(3000)} id [APP/0] - [tags@47450 ${tags}] x\n`)
  const { host, tags: kept } = document['cloudfoundry'] as { host: string; tags: Record<string, string> }
  expect([host.length, Object.keys(kept).length, kept['t0']?.length]).toEqual([1024, 64, 1024])
})

test('a time that date_nanos cannot hold gives way to the receipt time', () => {
  const [event] = eventsOf([appLine('x')]) as [LogEvent]
  const early = new LogEvent(
    event.record,
    event.frame,
    event.source,
    -1,
    0,
    event.marks,
    14,
    event.messageStart,
    event.messageEnd
  )
  expect(safeDocumentOf(early, 'why')).toMatchObject({ '@timestamp': '2026-11-24T04:30:00.000000000Z' })
})
