import { PassThrough, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { createStdoutSink } from '../../../sinks/stdout.ts'
import { allStored } from '../../../src/core/contract.ts'
import type { LogEvent } from '../../../src/core/event.ts'
import { logRow, metricRow } from '../../../src/core/plain.ts'
import { appLine, eventsOf } from '../wire-events.ts'

const { signal } = new AbortController()
const metric = (element: string): string => `<14>1 2026-11-24T04:29:03+00:00 h id [1] - [${element}] \n`

/** What a sink writes for frames. */
async function written(frames: readonly string[]): Promise<unknown[]> {
  const stream = new PassThrough()
  const output = text(stream)
  expect(await createStdoutSink({}, stream).write(eventsOf(frames, Buffer.alloc(21)), signal, undefined)).toEqual(
    allStored
  )
  stream.end()
  return (await output)
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line))
}

test('logs and metrics are a line each, as the API shows them', async () => {
  const frames = [
    appLine('{"msg":"a\\nb","level":"warn"}'),
    appLine('plain'),
    metric('counter@47450 name="c" total="18446744073709551615" delta="1"'),
    metric('timer@47450 name="t" start="1000000" stop="3000000"'),
    metric('event@47450 title="t" body="b"')
  ]
  const events = eventsOf(frames, Buffer.alloc(21))
  expect(await written(frames)).toEqual(events.map(event => logRow(event) ?? metricRow(event)))
})

test('NaN and the infinities are text', async () => {
  const values = ['NaN', '+Inf', '-Inf'].map(value => metric(`gauge@47450 name="g" value="${value}" unit=""`))
  expect(await written(values)).toMatchObject([{ value: 'NaN' }, { value: 'Infinity' }, { value: '-Infinity' }])
})

test('app JSON deeper than a stack leaves its line', async () => {
  const [event] = eventsOf([appLine('text')]) as [LogEvent]
  let app: object = {}
  for (let depth = 0; depth < 200_000; depth++) app = { app }
  const detail = { kind: 'json', parse: () => app } as unknown as NonNullable<LogEvent['detail']>
  const stream = new PassThrough()
  await createStdoutSink({}, stream).write([event.with({ detail })], signal, undefined)
  expect(JSON.parse(String(stream.read()))).toMatchObject({ message: 'text' })
})

test('a write is done when the stream has taken it', async () => {
  const taken: (() => void)[] = []
  const stream = new Writable({ write: (_chunk, _encoding, done) => void taken.push(done) })
  let done = false
  const write = createStdoutSink({}, stream)
    .write(eventsOf([appLine('a')]), signal, undefined)
    .then(() => (done = true))
  await new Promise(setImmediate)
  expect([taken.length, done]).toEqual([1, false])
  taken[0]!()
  await write
})

test('a stream that failed is unavailable, again and again', async () => {
  const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) })
  const sink = createStdoutSink({}, stream)
  await sink.start(signal)
  for (let i = 0; i < 2; i++) {
    await expect(sink.write(eventsOf([appLine('a')]), signal, undefined)).rejects.toMatchObject({
      code: 'SINK_UNAVAILABLE',
      retryable: true
    })
  }
  await sink.stop()
  expect(stream.listenerCount('error')).toBe(0)
})

test('an aborted write rejects though nobody reads', async () => {
  const abort = new AbortController()
  const write = createStdoutSink({}, new Writable({ write: () => {} })).write(
    eventsOf([appLine('a')]),
    abort.signal,
    undefined
  )
  abort.abort()
  await expect(write).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
})
