import { PassThrough, Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createStdin, type StdinOptions } from '../../ingest/stdin.ts'
import { splitAt } from './framed.ts'
import { createMemoryJournal, createMemoryLog } from './memory-journal.ts'

function subject(input: Readable, options: Partial<StdinOptions> = {}) {
  const memory = createMemoryJournal()
  const log = createMemoryLog()
  const stdin = createStdin({ input, journal: memory.journal, partitions: 1, maxFrameBytes: 1024, log, ...options })
  return { memory, log, stdin }
}

const latin1 = (text: string) => Buffer.from(text, 'latin1')

test('every line is a frame; empty lines are none, and the last needs no line feed', async () => {
  const text = '<14>1 - h a p - - one\n\r\n\ntwo\r\nthree'
  const { memory, stdin } = subject(Readable.from([latin1(text)]))
  await stdin.ended
  await stdin.stop()
  expect(memory.frames()).toEqual(['<14>1 - h a p - - one', 'two', 'three'])
  expect(memory.records()[0]!.listener).toBe('stdin')
  expect(stdin.status()).toMatchObject({ frames: 3, bytes: text.length, connections: 0, problems: {} })
})

test('bytes stay what they are, wherever reads end', async () => {
  const unit = fc.constantFrom('a', '\n', '\xff', '\xc3', '\xa9', '\0', ' ')
  const text = fc.string({ unit, maxLength: 200, size: 'max' })
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(200), { maxLength: 20 }), async (sent, places) => {
      const { memory, stdin } = subject(Readable.from(splitAt(latin1(sent), places).filter(({ length }) => length > 0)))
      await stdin.ended
      await stdin.stop()
      expect(memory.frames()).toEqual(sent.split('\n').filter(line => line !== ''))
    }),
    { numRuns: 50 }
  )
})

test('a line over the limit is cut and marked, and no more of it is held', async () => {
  const exact = 'e'.repeat(1024)
  const long = Array.from({ length: 50 }, () => 'x'.repeat(1000))
  const { memory, stdin } = subject(Readable.from([`before\n${exact}\n`, ...long, '\nafter\n'].map(latin1)))
  await stdin.ended
  await stdin.stop()
  expect(memory.frames()).toEqual(['before', exact, `${'x'.repeat(1024)} [truncated]`, 'after'])
  expect(stdin.status().problems).toEqual({ truncated: 1 })
})

test('when the journal stands still reading stops; when it goes on every line comes', async () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `${i} ${'x'.repeat(990)}`)
  const { memory, stdin } = subject(Readable.from(lines.map(line => latin1(`${line}\n`))))
  const go = memory.hold()
  await memory.until(() => memory.waiting === 4)
  expect(stdin.status().frames).toBeLessThan(6000)
  go()
  await stdin.ended
  await stdin.stop()
  expect(memory.frames()).toEqual(lines)
})

test('stop ends an input that goes on, and waits no longer than it may for the journal', async () => {
  const input = new PassThrough()
  const { memory, stdin } = subject(input)
  input.write('a line\n')
  await memory.until(() => memory.frames().length === 1)
  await stdin.stop()
  expect(stdin.status().connections).toBe(0)

  const full = subject(Readable.from(Array.from({ length: 20_000 }, () => latin1(`${'x'.repeat(990)}\n`))), {
    settleMs: 20
  })
  full.memory.refuseAll('JOURNAL_FULL')
  await full.memory.until(() => full.memory.waiting > 0)
  await full.stdin.stop()
  expect(full.stdin.status().problems.stopped).toBeGreaterThan(0)
})

test('an input that breaks off is said, and what came before is kept', async () => {
  const input = new PassThrough()
  const { memory, log, stdin } = subject(input)
  input.write('a line\n')
  await memory.until(() => memory.frames().length === 1)
  input.destroy(new Error('EIO'))
  await stdin.ended
  await stdin.stop()
  expect(log.lines).toMatchObject([{ level: 'error', fields: { reason: 'EIO' } }])
})
