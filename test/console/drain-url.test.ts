import { expect, test } from 'vitest'
import { drainUrl } from '../../src/console/live/drain-url.ts'

test('TLS where there is a listener for it, else TCP', () => {
  const syslog = { name: 'syslog', port: 5514 } as const
  expect(drainUrl([syslog], 'drain.example.org')).toBe('syslog://drain.example.org:5514?drain-data=all')
  expect(drainUrl([syslog, { name: 'syslog-tls', port: 6514 }], 'drain.example.org')).toBe(
    'syslog-tls://drain.example.org:6514?drain-data=all'
  )
  expect(drainUrl([], '127.0.0.1')).toBe('syslog://127.0.0.1:5514?drain-data=all')
})
