import { expect, test } from 'vitest'
import { createDecoder } from '../../processors/decode.ts'
import { drainUrls } from '../../processors/drain-urls.ts'
import type { LogEvent } from '../../src/core/event.ts'
import { recordOf } from '../sinks/wire-events.ts'

const lineOf = (type: string, text: string): string => `<11>1 2026-11-24T04:29:03Z h app [${type}/0] - - ${text}\n`

function read(...lines: string[]): LogEvent[] {
  const events = drainUrls().process(createDecoder().decode(recordOf(lines)), 0)
  return events.filter(event => event.kind === 'log')
}

test.each([
  ['syslog-tls://user:pa%20ss@logs.example.com:6514?token=abc', 'syslog-tls://logs.example.com:6514'],
  ['https://user@logs.example.com/drain/1?drain-data=all#x', 'https://logs.example.com/drain/1'],
  ['syslog://p@ss:w@rd@10.0.0.9:514', 'syslog://10.0.0.9:514'],
  ['https://a:b@[2001:db8::1]:8443/', 'https://[2001:db8::1]:8443/'],
  ['https://a:b@one,https://c:d@two/?e', 'https://one,https://two/'],
  ['syslog://logs.example.com:514', undefined]
])('of %s nothing secret is left', (url, safe) => {
  const [event] = read(lineOf('LGR', `Failed to connect to ${url}`))
  expect([event!.text, event!.marks]).toEqual([
    `Failed to connect to ${safe ?? url}`,
    safe === undefined ? [] : ['redacted']
  ])
})

test('lines of others stay, and the event keeps who, when and which', () => {
  const text = 'Failed to connect to syslog://user:password@host'
  const record = recordOf([lineOf('APP/PROC/WEB', text), lineOf('LGR', text), lineOf('LGR', 'lost')])
  const given = createDecoder().decode(record)
  const changed = drainUrls().process(given, 0)
  expect(changed[0]).toBe(given[0])
  expect(changed[2]).toBe(given[2])
  const names = ['id', 'timestamp', 'receiptTime', 'level', 'stream', 'source', 'frame', 'byteLength'] as const
  for (const name of names) expect(changed[1]).toHaveProperty(name, Reflect.get(given[1]!, name))
  expect(changed[1]!.record.bytes.includes('password')).toBe(false)
  expect(changed[1]!.record.frameBytes(1)).toEqual(Buffer.from(lineOf('LGR', text)))
  expect(changed[1]!.record.nextPosition).toBe(record.nextPosition)
})

test('a long line of colons, slashes and signs is done at once', () => {
  for (const part of ['://', '://@', 'a://b:c', '@:/', '://a?'])
    expect(read(lineOf('LGR', part.repeat(200_000)))).toHaveLength(1)
})
