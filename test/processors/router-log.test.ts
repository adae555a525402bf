import { expect, test } from 'vitest'
import { createDecoder } from '../../processors/decode.ts'
import { routerLog } from '../../processors/router-log.ts'
import { isLog } from '../../src/core/event.ts'
import type { RouterLine } from '../../src/core/router-line.ts'
import { asJson, goldenCases } from '../cases/golden.ts'
import { recordOf } from '../sinks/wire-events.ts'

function read(input: string | Buffer): RouterLine | undefined {
  const event = routerLog().process(createDecoder().decode(recordOf([input])), 0)[0]
  const detail = event !== undefined && isLog(event) ? event.detail : undefined
  return detail?.kind === 'router' ? detail : undefined
}

const fields = [
  'host',
  'time',
  'method',
  'target',
  'path',
  'query',
  'protocol',
  'status',
  'bytesReceived',
  'bytesSent',
  'referer',
  'userAgent',
  'remoteAddress',
  'backendAddress',
  'forwardedFor',
  'forwardedProto',
  'requestId',
  'responseTime',
  'gorouterTime',
  'appId',
  'appIndex',
  'instanceId',
  'routerError',
  'traceId',
  'spanId',
  'extra'
] as const

test.each(goldenCases('router-log'))('$name', ({ input, expected }) => {
  const line = read(input)
  const actual = asJson(line === undefined ? null : Object.fromEntries(fields.map(field => [field, line[field]])))
  expect(actual).toEqual(expected(actual))
})

test('only lines of the router are read', () => {
  const line = 'a.example.com - [2026-11-24T04:00:00Z] "GET / HTTP/1.1" 200 0 6'
  expect(read(`<14>1 2026-11-24T04:29:03Z h app [APP/PROC/WEB/0] - - ${line}\n`)).toBeUndefined()
  expect(read(`<14>1 2026-11-24T04:29:03Z h app [RTR/0] - - ${line}\n`)?.status).toBe(200)
})

test('any bytes are an access line or none, and never an error', () => {
  const whole = 'a.example.com - [2026-11-24T04:00:00Z] "GET /\\" HTTP/1.1" 200 0 6 "-" "x\\" k:"v" n:1 '
  for (let end = 0; end <= whole.length; end++) {
    expect(() => read(`<14>1 2026-11-24T04:29:03Z h app [RTR/0] - - ${whole.slice(0, end)}`)).not.toThrow()
  }
})
