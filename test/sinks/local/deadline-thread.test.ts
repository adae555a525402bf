import { expect, onTestFinished, test } from 'vitest'
import { createDeadlineThread } from '../../../sinks/local/deadline-thread.ts'
import type { SlowMethods } from './slow-thread.ts'

function openThread(deadlineMs: number) {
  const module = new URL('./slow-thread.ts', import.meta.url)
  const thread = createDeadlineThread<SlowMethods>(module, undefined, deadlineMs, () => {})
  onTestFinished(() => thread.stop())
  return {
    ...thread,
    echo: (text: string) => thread.call(methods => methods.call('echo', text)),
    hang: () => thread.call(methods => methods.call('hang')),
    fail: () => thread.call(methods => methods.call('fail')),
    exit: () => thread.call(methods => methods.call('exit'))
  }
}

const long = 60_000

test('calls are answered in turn', async () => {
  const thread = openThread(long)
  expect(await Promise.all(['a', 'b', 'c'].map(thread.echo))).toEqual(['a', 'b', 'c'])
})

test('a call that takes too long rejects, and the next one has a new thread', async () => {
  const thread = openThread(1000)
  await expect(thread.hang()).rejects.toMatchObject({ code: 'QUERY_DEADLINE' })
  expect(await thread.echo('after')).toBe('after')
})

test('who waits behind a call that takes too long has no more time than that', async () => {
  const thread = openThread(300)
  const calls = await Promise.allSettled([thread.hang(), thread.echo('behind')])
  expect(calls.map(call => call.status === 'rejected' && call.reason.code)).toEqual([
    'QUERY_DEADLINE',
    'QUERY_DEADLINE'
  ])
})

test('a failure of the call, or of the whole thread, is the call’s alone', async () => {
  const thread = openThread(long)
  await expect(thread.fail()).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: 'an unexpected failure' })
  await expect(thread.exit()).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' })
  expect(await thread.echo('after')).toBe('after')
})

test('more calls than may wait are refused', async () => {
  const thread = openThread(long)
  const calls = Array.from({ length: 101 }, () => thread.echo('x'))
  await expect(calls[100]).rejects.toMatchObject({ code: 'QUERY_DEADLINE' })
  expect(await Promise.all(calls.slice(0, 100))).toHaveLength(100)
})

test('a stop ends the call in flight and refuses others; twice is once', async () => {
  const thread = openThread(long)
  const hanging = thread.hang()
  const ended = expect(hanging).rejects.toHaveProperty('code')
  await thread.stop()
  await thread.stop()
  await ended
  await expect(thread.echo('late')).rejects.toHaveProperty('code')
})
