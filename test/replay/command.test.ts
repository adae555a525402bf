import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { noFrames, type ReplayPart, type ReplayStep, type ReplayStepQuery } from '../../src/core/replay.ts'
import { replayJournal } from '../../src/replay/command.ts'
import type { Terminal } from '../../src/terminal.ts'

interface Failure {
  readonly code: string
  readonly message: string
}

const from = '2026-11-24T12:00:00.000Z'
const to = '2026-11-24T13:00:00.000Z'
const fromMs = Date.parse(from)

const part = (parts: Partial<ReplayPart> = {}): ReplayPart => ({
  partition: 0,
  position: 0,
  end: 100,
  waiting: 0,
  begins: fromMs - 1,
  ...parts
})

/** A Culvert that holds these parts, and takes a tenth of one in each step. */
async function subject({
  parts = [part()],
  replaces = true,
  step = ({ position, end }) => ({
    ...noFrames,
    frames: 10,
    stored: 10,
    position: Math.min(end, position + 10),
    gone: 0,
    reasons: []
  }),
  env = {},
  answer
}: {
  parts?: readonly ReplayPart[]
  replaces?: boolean
  step?: (query: ReplayStepQuery, nth: number) => ReplayStep | Failure | Promise<ReplayStep | Failure>
  env?: Record<string, string>
  answer?: string
} = {}) {
  const ranges: string[] = []
  const steps: ReplayStepQuery[] = []
  const logins: unknown[] = []
  const server = createServer(async (incoming, outgoing) => {
    logins.push(incoming.headers.authorization)
    const body = await text(incoming)
    let content: object = { replaces, partitions: parts }
    if (incoming.method === 'GET') ranges.push(incoming.url ?? '')
    else {
      steps.push(JSON.parse(body))
      content = await step(steps.at(-1)!, steps.length)
    }
    const status = 'code' in content ? (content.code === 'QUERY_INVALID' ? 400 : 503) : 200
    outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content))
  })
  const { promise: listening, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await listening
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const said = { out: '', err: '', asked: '' }
  const interrupting = new AbortController()
  const terminal: Terminal = {
    env: { PORT: `${(server.address() as AddressInfo).port}`, ...env },
    out: async words => {
      said.out += words
    },
    err: words => {
      said.err += words
    },
    interrupted: interrupting.signal,
    ...(answer === undefined
      ? {}
      : {
          ask: async (question: string) => {
            said.asked += question
            return answer
          }
        })
  }
  return {
    ranges,
    steps,
    logins,
    said,
    interrupt: () => interrupting.abort(),
    bare: (...args: string[]) => replayJournal(args, terminal, { minWaitMs: 1, maxFailures: 3 }),
    replay: (...args: string[]) =>
      replayJournal(['--from', from, '--to', to, '--sink', 'es', ...args], terminal, { minWaitMs: 1, maxFailures: 3 })
  }
}

test('a replay goes step by step through its range, with the token, and says what became of it', async () => {
  const { ranges, steps, logins, said, replay } = await subject({ env: { CULVERT_TOKEN: 'correct-horse' } })
  expect(await replay('--yes', '--rate', 'none')).toBe(0)
  expect(ranges).toEqual([`/api/v1/replay?sink=es&from=${fromMs}&to=${fromMs + 3_600_000}`])
  expect(steps[0]).toEqual({ sink: 'es', partition: 0, position: 0, end: 100, limit: 2000, mode: 'missing' })
  expect(steps.map(({ position }) => position)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90])
  expect(new Set(logins)).toEqual(new Set(['Bearer correct-horse']))
  expect(said.out).toBe(
    [
      `Received from ${from} to ${to}: 100 B of the journal.`,
      'es gets what it does not have: what a store has is not stored twice.',
      '  100  lines read',
      '  100  stored',
      '    0  there already',
      '    0  left out: by a rule, or of a kind that the sink does not take',
      '    0  refused by the store',
      ''
    ].join('\n')
  )
  expect(said.err).toBe('')
})

test('--replace says so, and asks for it', async () => {
  const { steps, said, replay } = await subject({
    step: ({ end }) => ({ ...noFrames, frames: 9, stored: 2, replaced: 7, position: end, gone: 0, reasons: [] })
  })
  expect(await replay('--yes', '--replace')).toBe(0)
  expect(steps).toEqual([{ sink: 'es', partition: 0, position: 0, end: 100, limit: 1250, mode: 'replace' }])
  expect(said.out).toContain('What es has is written over, under the same ids')
  expect(said.out).toContain('  7  replaced\n')
})

test('a sink that cannot be written over is told before anything is done', async () => {
  const { steps, said, replay } = await subject({ replaces: false })
  expect(await replay('--yes', '--replace')).toBe(64)
  expect([steps, said.err]).toEqual([[], expect.stringContaining('es cannot write over what it has')])
})

test('--dry-run only counts', async () => {
  const { steps, said, replay } = await subject({
    step: ({ end }) => ({ ...noFrames, frames: 12_345, position: end, gone: 0, reasons: [] })
  })
  expect(await replay('--dry-run')).toBe(0)
  expect(steps).toEqual([{ sink: 'es', partition: 0, position: 0, end: 100, limit: 100_000, mode: 'count' }])
  expect(said.out).toBe(`Received from ${from} to ${to}: 100 B of the journal.\n  12345  lines\n`)
})

test('what the journal does not hold, and what the lane has not come to, is said', async () => {
  const begins = fromMs + 60_000
  const { said, replay } = await subject({ parts: [part({ position: 50, end: 50, waiting: 2048, begins })] })
  expect(await replay('--yes')).toBe(0)
  expect(said.out).toBe(
    [
      `Received from ${from} to ${to}: nothing to replay.`,
      'The journal begins at 2026-11-24T12:01:00.000Z: what came before is not there any more.',
      '2 KiB more of it are on their way: es has not come so far yet, and gets them without a replay.',
      ''
    ].join('\n')
  )
})

test('a step that fails is tried again, and it is said', async () => {
  const away = { code: 'SINK_UNAVAILABLE', message: 'The store did not take what is replayed: 503.' }
  const { steps, said, replay } = await subject({
    step: ({ end }, nth) =>
      nth < 3 ? away : { ...noFrames, frames: 1, stored: 1, position: end, gone: 0, reasons: [] }
  })
  expect(await replay('--yes')).toBe(0)
  expect(steps.map(({ position }) => position)).toEqual([0, 0, 0])
  expect(said.err).toBe(`culvert: ${away.message} again in 1 s\n`.repeat(2))
})

test('what fails again and again ends it, with the command that goes on from there', async () => {
  const receivedAt = fromMs + 90_000
  const { steps, said, replay } = await subject({
    step: (_, nth) =>
      nth === 1
        ? { ...noFrames, frames: 1, stored: 1, position: 10, receivedAt, gone: 0, reasons: [] }
        : { code: 'SINK_UNAVAILABLE', message: 'away.' }
  })
  expect(await replay('--yes', '--replace', '--rate', '7')).toBe(1)
  expect(steps).toHaveLength(5)
  expect(said.out).toContain('1  lines read')
  expect(said.err).toContain(
    `culvert: away.\n  To go on: culvert replay --from 2026-11-24T12:01:30.000Z --to ${to} --sink es --replace --rate 7\n`
  )
})

test('what cannot become better is not tried again', async () => {
  const { steps, said, replay } = await subject({ step: () => ({ code: 'QUERY_INVALID', message: 'No.' }) })
  expect(await replay('--yes')).toBe(1)
  expect([steps.length, said.err]).toEqual([1, expect.stringContaining('culvert: No.\n  To go on: ')])
})

test('a Culvert that does not go on is not asked for ever', async () => {
  const { steps, said, replay } = await subject({
    step: ({ position }) => ({ ...noFrames, position, gone: 0, reasons: [] })
  })
  expect([await replay('--yes'), steps.length, said.err]).toEqual([1, 1, expect.stringContaining('did not go on')])
})

test('Ctrl-C ends it at once, and says how to go on', async () => {
  const asked = Promise.withResolvers<void>()
  const { said, replay, interrupt } = await subject({
    step: async (_, nth) => {
      if (nth === 1)
        return { ...noFrames, frames: 3, stored: 3, position: 10, receivedAt: fromMs + 5, gone: 0, reasons: [] }
      asked.resolve()
      await new Promise(() => {})
      throw new Error('never')
    }
  })
  const done = replay('--yes', '--rate', 'none')
  await asked.promise
  interrupt()
  expect(await done).toBe(1)
  expect(said.out).toContain('3  lines read')
  expect(said.err).toBe(
    `culvert: interrupted\n  To go on: culvert replay --from 2026-11-24T12:00:00.005Z --to ${to} --sink es --rate none\n`
  )
})

test('refusals are told with their reasons, and the exit code is 1', async () => {
  const { said, replay } = await subject({
    step: ({ end }) => ({
      ...noFrames,
      frames: 5,
      stored: 3,
      refused: 2,
      position: end,
      gone: 4096,
      reasons: ['400: no']
    })
  })
  expect(await replay('--yes')).toBe(1)
  expect(said.out).toContain('  2  refused by the store\n  4 KiB of the range are not in the journal any more')
  expect(said.out).toContain('\n  400: no\n')
})

test('where a part of the range went meanwhile the exit code is 1', async () => {
  const { said, replay } = await subject({
    step: ({ end }) => ({ ...noFrames, frames: 1, stored: 1, position: end, gone: 50, reasons: [] })
  })
  expect([await replay('--yes'), said.out]).toEqual([1, expect.stringContaining('50 B of the range are not in')])
})

test('partitions go at about the same pace in receipt time, a minute of one at a time', async () => {
  const { steps, said, replay } = await subject({
    parts: [part({ partition: 0 }), part({ partition: 1 })],
    step: ({ position }, nth) => {
      if (nth > 10) return { code: 'QUERY_INVALID', message: 'Enough.' }
      const receivedAt = fromMs + (position + 10) * 2000
      return { ...noFrames, frames: 1, stored: 1, position: position + 10, receivedAt, gone: 0, reasons: [] }
    }
  })
  expect(await replay('--yes', '--rate', 'none')).toBe(1)
  expect(steps.map(({ partition }) => partition).join('')).toBe('00011111100')
  expect(said.err).toContain('--from 2026-11-24T12:01:20.000Z')
})

test('a person is asked, and anything but yes is no', async () => {
  const no = await subject({ answer: '' })
  expect([await no.replay(), no.said.asked, no.steps]).toEqual([0, 'Replay it into es? [y/N] ', []])
  const yes = await subject({ answer: 'y' })
  expect(await yes.replay('--rate', 'none')).toBe(0)
  expect(yes.steps).toHaveLength(10)
})

test('where nobody can be asked --yes must be said', async () => {
  const { steps, said, replay } = await subject()
  expect([await replay(), steps, said.err]).toEqual([64, [], 'culvert: say --yes to replay it\n'])
})

test('Culvert must run, and know the sink', async () => {
  const away = await subject({ env: { PORT: '1' } })
  expect([await away.replay('--yes'), away.said.err]).toEqual([1, expect.stringContaining('it must run')])
})

test.each([
  [['--sink', 'es'], '--from TIME and --sink NAME'],
  [['--from', '1h'], '--from TIME and --sink NAME'],
  [['--from', 'then', '--sink', 'es'], "--from is 'then', and may be like 2026-11-24T12:00:00Z"],
  [['--from', '1h', '--to', 'x', '--sink', 'es'], "--to is 'x'"],
  [['--from', '1h', '--to', '2h', '--sink', 'es'], '--from lies after --to'],
  [['--from', '9999-01-01', '--sink', 'es'], '--from lies in the future'],
  [['--from', '1h', '--sink', 'es', '--rate', '0'], "--rate is '0'"],
  [['--from', '1h', '--sink', 'es', '--rate', 'fast'], "--rate is 'fast'"],
  [['--from', '1h', '--sink', 'es', '--lane', 'x'], '--lane'],
  [['--from', '1h', '--sink', 'es', 'x'], "'x'"]
])('wrong arguments: %j', async (args, words) => {
  const { ranges, said, bare } = await subject()
  expect(await bare(...args)).toBe(64)
  expect(said.err).toContain(words)
  expect(ranges).toEqual([])
})
