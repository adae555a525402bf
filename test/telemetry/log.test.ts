import { expect, test } from 'vitest'
import { createLog } from '../../src/telemetry/log.ts'

function capture(options: { level?: string; terminal?: boolean } = {}) {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  return { lines, log: createLog({ level: 'info', terminal: false, ...options, destination }) }
}

test('JSON with an ISO time and a named level', () => {
  const { log, lines } = capture()
  log.warn({ sink: 'influxdb', waitMs: 200 }, 'Write failed and will be retried.')
  expect(JSON.parse(lines[0]!)).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    sink: 'influxdb',
    waitMs: 200,
    msg: 'Write failed and will be retried.'
  })
})

test('levels below the configured one are not written', () => {
  const { log, lines } = capture({ level: 'warn' })
  log.info('no')
  log.error('yes')
  expect(lines).toHaveLength(1)
})

test('secrets are hidden', () => {
  const { log, lines } = capture()
  log.info({ token: 'geheim', sink: { password: 'geheim', node: 'http://es' } }, 'Opened.')
  expect(lines[0]).not.toContain('geheim')
  expect(lines[0]).toContain('http://es')
})

test('a readable line on a terminal', () => {
  const { log, lines } = capture({ terminal: true })
  log.info({ port: 8080, host: '127.0.0.1' }, 'Listening.')
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d info {2}Listening\.\u001b\[2m port=8080 host=127\.0\.0\.1\u001b\[0m\n$/)
})

test('an error with its stack, and no control characters of others', () => {
  const { log, lines } = capture({ terminal: true })
  log.error({ err: new Error('bad \u001b[2J news'), answer: '\u0007' }, 'Write failed.')
  expect(lines[0]).toContain('Error: bad \\x1b[2J news\n')
  expect(lines[0]).toContain('answer=\\x07')
  expect(lines[0]).toContain('log.test.ts')
})
