import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { listCommand } from '../../src/dead-letters/list-command.ts'
import { replayCommand } from '../../src/dead-letters/replay-command.ts'
import type { Terminal } from '../../src/terminal.ts'
import { openLetters } from './letters.ts'

/** A terminal over a data directory with letters; `answer` is what a person types. */
async function subject(answer?: string, env: Record<string, string> = {}) {
  const letters = await openLetters()
  const said = { out: '', err: '', asked: '' }
  const terminal: Terminal = {
    env: { CULVERT_DATA_DIR: letters.dir, ...env },
    out: async words => {
      said.out += words
    },
    err: words => {
      said.err += words
    },
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
    ...letters,
    said,
    list: (...args: string[]) => listCommand(args, terminal),
    replay: (...args: string[]) => replayCommand(['--dead-letters', ...args], terminal),
    bare: (...args: string[]) => replayCommand(args, terminal)
  }
}

/** Answers the steps of a replay one after the other, as Culvert would. */
async function startServer(...answers: readonly (object | number)[]) {
  const bodies: unknown[] = []
  const logins: unknown[] = []
  const left = [...answers]
  const server = createServer(async (incoming, outgoing) => {
    bodies.push(JSON.parse(await text(incoming)))
    logins.push(incoming.headers.authorization)
    const answer = left.shift() ?? 500
    if (typeof answer === 'number') outgoing.writeHead(answer)
    else outgoing.writeHead('code' in answer ? 503 : 200, { 'content-type': 'application/json' })
    outgoing.end(typeof answer === 'number' ? 'no' : JSON.stringify(answer))
  })
  const { promise: listening, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await listening
  onTestFinished(() => {
    server.close()
  })
  return { bodies, logins, port: `${(server.address() as AddressInfo).port}` }
}

const step = (putBack: number, refused = 0, next?: string) => ({
  lanes: [{ lane: 'es', putBack, duplicate: 0, refused }],
  reasons: refused > 0 ? ['still no'] : [],
  skipped: 0,
  ...(next === undefined ? {} : { next })
})

test('the list: each letter in three lines, and then why', async () => {
  const { give, list, said } = await subject()
  const [id] = await give('es', "failed to parse 'x'", 'one\twith a tab')
  await give('influxdb', 'no NaN', 'two')
  expect(await list('--lane', 'es')).toBe(0)
  const lines = said.out.split('\n')
  expect(lines[0]).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z {2}es {2}shop-api APP {2}${id}$`))
  expect(lines.slice(1)).toEqual([
    "  failed to parse 'x'",
    '  > one with a tab',
    '',
    '1 dead letter waits:',
    "      1  es  failed to parse 'x'",
    ''
  ])
})

test('--json: whole letters, one a line, all pages', async () => {
  const { give, list, said } = await subject()
  await give('es', 'no', ...Array.from({ length: 250 }, (_, i) => `line ${i}`))
  expect(await list('--json', '--q', 'line')).toBe(0)
  const letters = said.out.trimEnd().split('\n').map(line => JSON.parse(line)) // biome-ignore format: one line
  expect([letters.length, letters[0].event.message, letters.at(-1).event.message]).toEqual([250, 'line 249', 'line 0'])
  expect(letters[0].text).toContain('line 249')
})

test('one by its id, and an id that is not there', async () => {
  const { give, list, said } = await subject()
  const [id] = await give('es', 'no', 'one')
  expect(await list(id!)).toBe(0)
  expect(JSON.parse(said.out)).toMatchObject({ id, lane: 'es', reason: 'no' })
  expect(await list('nowhere')).toBe(1)
  expect(said.err).toContain('nowhere')
})

test.each([['--nothing'], ['a', 'b'], ['--lane']])('wrong arguments of the list: %s', async (...args) => {
  const { list } = await subject()
  expect(await list(...args)).toBe(64)
})

test('no letters: it says so, and a replay has nothing to do', async () => {
  const { list, replay, said } = await subject()
  expect([await list(), await replay('--yes')]).toEqual([0, 0])
  expect(said.out).toBe('No dead letters wait.\nNo dead letters wait.\n')
})

test('a replay goes step by step with its filter and the token, and says how far it is', async () => {
  const { bodies, logins, port } = await startServer(step(2, 0, 'older'), step(1))
  const { give, replay, said } = await subject(undefined, { PORT: port, CULVERT_TOKEN: 'correct-horse' })
  await give('es', 'depth limit', 'one', 'two', 'three')
  await give('es', 'other', 'four')
  expect(await replay('--lane', 'es', '--q', 'depth', '--yes')).toBe(0)
  expect(bodies).toEqual([
    { lane: 'es', q: 'depth', limit: 500 },
    { lane: 'es', q: 'depth', limit: 500, cursor: 'older' }
  ])
  expect(logins).toEqual(['Bearer correct-horse', 'Bearer correct-horse'])
  expect(said.out).toContain('3 dead letters wait:')
  expect(said.out).toContain('2 of 3 put back\n3 of 3 put back.\n')
})

test('what is refused again is told with its reason, and the exit code is 1', async () => {
  const { port } = await startServer(step(1, 1))
  const { give, replay, said } = await subject(undefined, { PORT: port })
  await give('es', 'no', 'one', 'two')
  expect(await replay('--yes')).toBe(1)
  expect(said.out).toContain('1 of 2 put back, 1 refused again.\n  still no\n')
})

test.each([
  ['a store that is away', { code: 'SINK_UNAVAILABLE', message: 'away', advice: 'Look.' }, 'away Look.'],
  [
    'a store of several that is away',
    { ...step(0), lanes: [{ ...step(0).lanes[0], problem: 'away too' }] },
    'away too'
  ],
  ['something else that answers', 404, 'no Culvert of this version (404)']
])('%s ends it, and what was done is told', async (_, answer, words) => {
  const { port } = await startServer(step(1, 0, 'older'), answer)
  const { give, replay, said } = await subject(undefined, { PORT: port })
  await give('es', 'no', 'one', 'two')
  expect(await replay('--yes')).toBe(1)
  expect(said.err).toContain(words)
  expect(said.err).toContain('1 of 2 put back; the rest waits.')
})

test('Culvert must run', async () => {
  const { give, replay, said } = await subject(undefined, { PORT: '1' })
  await give('es', 'no', 'one')
  expect(await replay('--yes')).toBe(1)
  expect(said.err).toContain('it must run')
})

test('a person is asked, and anything but yes is no', async () => {
  const { bodies, port } = await startServer(step(1))
  const no = await subject('', { PORT: port })
  await no.give('es', 'no', 'one')
  expect([await no.replay(), no.said.asked, bodies]).toEqual([0, 'Put it back? [y/N] ', []])
  const yes = await subject('y', { PORT: port })
  await yes.give('es', 'no', 'one')
  expect(await yes.replay()).toBe(0)
  expect(bodies).toHaveLength(1)
})

test('where nobody can be asked --yes must be said; --dry-run puts nothing back', async () => {
  const { bodies, port } = await startServer(step(1))
  const { give, replay, said } = await subject(undefined, { PORT: port })
  await give('es', 'no', 'one')
  expect([await replay(), await replay('--dry-run')]).toEqual([64, 0])
  expect([said.err, bodies]).toEqual(['culvert: say --yes to put them back\n', []])
})

test.each([
  [[]],
  [['--yes']],
  [['--dead-letters', 'x']],
  [['--dead-letters', '--from', 'x']]
])('wrong arguments of a replay: %j', async args => {
  const { bare } = await subject()
  expect(await bare(...args)).toBe(64)
})
