import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { accessLine } from './access-line.ts'
import { agentTime, type Binding, type Envelope, messagesOf, octetCounted, type Tags } from './agent.ts'
import { goFloat, goQuote } from './go.ts'

const stem = (name: string): Buffer => readFileSync(new URL(`../cases/captures/${name}.conn1.raw`, import.meta.url))

/** Octet-counted messages of a connection, cut at their counts. */
function framesOf(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(' ', at)
    const end = space + 1 + Number(bytes.toString('latin1', at, space))
    frames.push(bytes.subarray(at, end))
    at = end
  }
  return frames
}

const id = '0f6f1f2c-6d6c-4f0b-9a53-2f1f0b6f7a11'
const binding = { hostname: 'acme.prod-space.shop-api' }
const micros = (fraction: number): number => Date.parse('2026-11-24T04:29:03Z') * 1000 + fraction
const tags = (changes: Tags = {}): Tags => ({
  // not in order: the agent sorts them
  source_type: 'APP/PROC/WEB',
  origin: 'rep',
  source_id: id,
  deployment: 'cf',
  job: 'diego-cell',
  index: '6a1e7a5c-9a51-4f3c-8d4e-3a2f1b0c9d8e',
  ip: '10.0.16.12',
  app_id: id,
  app_name: 'shop-api',
  space_id: '9d6f3c0a-54d1-4b3e-9b3c-0a4b4dd2b9c2',
  space_name: 'prod space',
  organization_id: '5c1b5d0e-2b8a-4c42-8a8e-7f6b0f4e1a01',
  organization_name: 'acme',
  process_id: id,
  process_instance_id: '7b6d1c1e-9f0a-4a3d-5f2e-1c2b',
  process_type: 'web',
  instance_id: '2',
  __v1_type: 'LogMessage',
  ...changes
})
const at = (fraction: number) => ({ timeMicros: micros(fraction), sourceId: id, instanceId: '2' })
const log = (
  fraction: number,
  payload: string | Uint8Array,
  { stream = 'out', ...changes }: { stream?: 'out' | 'err' } & Record<string, string> = {}
): Envelope => ({ kind: 'log', stream, payload, ...at(fraction), tags: tags(changes) })

const access = accessLine(
  {
    timeMicros: Date.parse('2026-11-24T04:00:00Z') * 1000 + 789_012,
    host: 'shop-api.apps.example.com',
    method: 'GET',
    target: '/api/orders/84213?x=1',
    status: 200,
    bytesReceived: 0,
    bytesSent: 1532,
    referer: '',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
    remote: '10.0.4.7:41234',
    backend: '10.0.16.12:61012',
    forwardedFor: '203.0.113.9, 10.0.4.7',
    requestId: '1c2d3e4f-5a6b-4c7d-8e9f-0a1b2c3d4e5f',
    responseTime: 0.012345,
    gorouterTime: 0.000321,
    backendTime: 0.0119,
    appId: id,
    appIndex: '2',
    instanceId: '7b6d1c1e-9f0a-4a3d-5f2e-1c2b',
    failedAttempts: 0,
    routerError: '',
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: 'a3ce929d0e0e4736'
  },
  345
)

const { __v1_type, ...metricTags } = tags()
const metric = (name: string, value: number, unit: string) => ({ name, value, unit })

/** The envelopes of the captures, in the order in which they were sent. */
const envelopes: readonly Envelope[] = [
  log(
    785942,
    '{"timestamp":"2026-11-24T04:00:00.123Z","level":"INFO","logger":"com.acme.shop.OrderService","thread":"http-nio-8080-exec-3","message":"order created","orderId":84213,"amount":19.99,"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"}'
  ),
  log(785945, '2026-11-24 04:00:00.456 ERROR plain text line on stderr', { stream: 'err' }),
  log(785946, 'java.lang.IllegalStateException: boom\n\tat com.acme.A.b(A.java:12)\n\tat com.acme.C.d(C.java:34)'),
  log(785946, 'unicode: grüße 日本語 🚀 "quotes" and ] bracket \\ backslash\n'),
  log(785956, Buffer.from('nul:\0:nul and \x1b[31mansi\x1b[0m and invalid utf8 \xff\xfe end', 'latin1')),
  log(785957, ''),
  log(786017, 'x'.repeat(61_440)),
  log(786061, 'task output line', { source_type: 'APP/TASK/db-migrate' }),
  log(786062, '-----> Downloaded buildpack', { source_type: 'STG' }),
  log(786062, 'Cell 1234 creating container for instance abc', { source_type: 'CELL' }),
  log(786063, 'Updated app with guid 0f6f1f2c ({"state"=>"STARTED"})', { source_type: 'API' }),
  log(786067, 'log message output is too high. 37 messages dropped (Total 37 messages dropped) to loggregator', {
    stream: 'err',
    source_type: 'LGR'
  }),
  log(786067, 'source type with a space', { source_type: 'APP/PROC/WEB/SIDECAR/ENVOY PROXY' }),
  log(786068, access, { source_type: 'RTR', origin: 'gorouter', job: 'router' }),
  log(786072, 'odd tags', {
    organization_name: 'Ünïted Org_1 --',
    space_name: 's'.repeat(80),
    weird: 'va"l]ue\\with = all',
    empty: '',
    nl: 'line1\nline2'
  }),
  { kind: 'log', stream: 'out', payload: 'no tags at all', ...at(786073), instanceId: '', tags: {} },
  {
    kind: 'gauge',
    ...at(786074),
    tags: metricTags,
    metrics: [
      metric('cpu', 0.4213, 'percentage'),
      metric('memory', 268_435_456, 'bytes'),
      metric('disk', 150_994_944, 'bytes'),
      metric('memory_quota', 1_073_741_824, 'bytes'),
      metric('disk_quota', 1_073_741_824, 'bytes')
    ]
  },
  {
    kind: 'gauge',
    ...at(786095),
    tags: tags(),
    metrics: [
      metric('container_age', 8.64e13, 'nanoseconds'),
      metric('log_rate', 0, 'B/s'),
      metric('log_rate_limit', -1, 'B/s'),
      metric('tiny', 1e-9, ''),
      metric('cpu_entitlement', 12.5, 'percentage'),
      metric('absolute_usage', 1.23456789e18, 'nanoseconds'),
      metric('absolute_entitlement', 9.87654321e18, 'nanoseconds')
    ]
  },
  { kind: 'counter', name: 'requests.total', total: 2n ** 64n - 1n, delta: 5n, ...at(786099), tags: tags() },
  {
    kind: 'timer',
    name: 'http',
    start: 1795494543773760488n,
    stop: 1795494543786106547n,
    ...at(786100),
    tags: tags({
      source_type: 'RTR',
      content_length: '1532',
      forwarded: '203.0.113.9',
      method: 'GET',
      peer_type: 'Server',
      remote_address: '10.0.4.7:41234',
      request_id: '1c2d3e4f-5a6b-4c7d-8e9f-0a1b2c3d4e5f',
      span_id: 'a3ce929d0e0e4736',
      status_code: '200',
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
      uri: 'https://shop-api.apps.example.com/api/orders/84213?x=1',
      user_agent: 'Mozilla/5.0'
    })
  },
  {
    kind: 'event',
    title: 'app.crash',
    body: '{"reason":"CRASHED","exit_description":"APP/PROC/WEB: Exited with status 137 (out of memory)","index":2}',
    ...at(786106),
    tags: tags()
  }
]

const platformMetric = { timeMicros: micros(786110), sourceId: 'gorouter', instanceId: '6a1e7a5c' }
const platformTags = { origin: 'gorouter', deployment: 'cf', job: 'router', index: '6a1e7a5c', ip: '10.0.4.7' }
const platformEnvelopes: readonly Envelope[] = [
  { kind: 'gauge', ...platformMetric, tags: platformTags, metrics: [metric('total_requests', 1234, 'count')] },
  { kind: 'counter', name: 'responses.2xx', total: 1000n, delta: 1n, ...platformMetric, tags: platformTags }
]

const written = (list: readonly Envelope[], options: Binding): string[] =>
  list.flatMap(envelope => messagesOf(envelope, options)).map(message => octetCounted(message).toString('latin1'))

/** Metrics of one envelope come in random order from the agent. */
const sorted = (frames: readonly string[]): string[] => [...frames].sort()

describe('the agent’s captured bytes are rebuilt from the same envelopes', () => {
  test.each([
    ['syslog-all', envelopes, binding],
    ['syslog-tls-all', envelopes, binding],
    ['syslog-all-nometadata', envelopes, { ...binding, metadata: false }],
    ['syslog-default', envelopes.filter(({ kind }) => kind === 'log' || kind === 'event'), binding],
    ['aggregate-syslog-tls-all', [...envelopes, ...platformEnvelopes], {}]
  ])('%s', (name, list, options) => {
    // Times and aggregate hosts differ from capture to capture, so everything before PROCID is compared with the first only.
    const body = (frame: string) => frame.replace(/^\d+ (<-?\d+>1) \S+ \S+/, '$1')
    const exact = name === 'syslog-all'
    const captured = framesOf(stem(name)).map(frame => frame.toString('latin1'))
    const rebuilt = written(list, options)
    expect(sorted(exact ? rebuilt : rebuilt.map(body))).toEqual(sorted(exact ? captured : captured.map(body)))
  })
})

test('times have no trailing zeros, and no fraction at a full second', () => {
  expect([agentTime(12_345), agentTime(1_500_000), agentTime(2_000_000)]).toEqual([
    '1970-01-01T00:00:00.012345+00:00',
    '1970-01-01T00:00:01.5+00:00',
    '1970-01-01T00:00:02+00:00'
  ])
})

test('a log of unknown type has PRI -1, and a source type beyond ASCII loses its letters', () => {
  const [message] = messagesOf({
    ...at(0),
    kind: 'log',
    stream: 'unknown',
    payload: 'x',
    tags: { source_type: 'TASK/こんにちは' }
  })
  expect(message?.toString()).toBe(
    `<-1>1 2026-11-24T04:29:03+00:00 - ${id} [TASK//2] - [tags@47450 source_type="TASK/こんにちは"] x\n`
  )
})

test('floats and quotes are written by Go’s rules', () => {
  const floats = [0, -1, 0.0001, 0.00001, 999_999, 1_000_000, 1_234_567.5, 2.1e21, NaN, Infinity, -Infinity]
  expect(floats.map(goFloat)).toEqual([
    '0',
    '-1',
    '0.0001',
    '1e-05',
    '999999',
    '1e+06',
    '1.2345675e+06',
    '2.1e+21',
    'NaN',
    '+Inf',
    '-Inf'
  ])
  expect(goQuote('a "b" \\ \t \x01 ü')).toBe('"a \\"b\\" \\\\ \\t \\x01 ü"')
})
