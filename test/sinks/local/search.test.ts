import { afterAll, expect, test } from 'vitest'
import type { LogQuery } from '../../../sinks/local/queries.ts'
import type { Event } from '../../../src/core/event.ts'
import { logRow } from '../../../src/core/plain.ts'
import { searchedLines, searches } from '../../cases/text-search.ts'
import { logsOf, newDir, noon, openQueries, openSink, signal, sourceOf } from './events.ts'

/** Stores made once for all queries of this file: a thread each is what takes time here. */
const ends: (() => Promise<void> | void)[] = []
afterAll(async () => {
  for (const end of ends.reverse()) await end()
})

/** Answers the messages that a query finds, newest first. */
function storeOf(events: readonly Event[]): (query: LogQuery) => Promise<string[]> {
  const opened = (async () => {
    const dir = newDir(end => ends.push(end))
    const { sink } = await openSink({ dir }, undefined, end => ends.push(end))
    await sink.write(events, signal, undefined)
    return openQueries(dir, {}, end => ends.push(end))
  })()
  return async query => (await (await opened).logs(query)).logs.map(row => row.message)
}

const foundInLines = storeOf(logsOf(searchedLines))
const messages = logsOf(searchedLines).map(event => logRow(event)?.message)
const numbersOf = async (q: string): Promise<number[]> =>
  (await foundInLines({ q })).map(message => messages.indexOf(message)).sort()

test.each(searches)('words: %s', async (query, expected) => {
  expect(await numbersOf(query)).toEqual(expected)
})

test.each([
  '"',
  '""',
  '*',
  '***',
  '"*',
  ' "  ',
  'AND',
  'connection OR',
  'NOT refused',
  'NEAR(connection refused)',
  'text:connection',
  '-refused',
  '^connection',
  "'; DROP TABLE blocks; --",
  '(((',
  'a" OR "b',
  '\\',
  '\u0000',
  '\ud800',
  '\ue000l5',
  '{"msg"',
  '%_%',
  '𞤀𞤁 नमस्ते ไทย',
  'é\u0301*'
])('hostile words are only words: %j', async query => {
  expect(await foundInLines({ q: query })).toBeInstanceOf(Array)
})

test('words of scripts that SQLite does not know are found all the same', async () => {
  const texts = ['नमस्ते दुनिया', 'สวัสดี', '𞤀𞤣𞤤𞤢𞤥', 'other']
  const found = storeOf(logsOf(texts))
  for (const text of texts) expect(await found({ q: text })).toEqual([text])
})

const shop = logsOf(['shop info', 'shop two'], { micros: noon * 1000 })
const broken = logsOf(['shop error'], { priority: 11, micros: noon * 1000 + 10 })
const cart = logsOf(['cart info'], { source: sourceOf('cart'), micros: noon * 1000 + 20 })
const router = logsOf(['cart request'], {
  source: sourceOf('cart', { type: 'RTR', fullType: 'RTR' }),
  micros: noon * 1000 + 30
})
const debug = logsOf(['{"level":"debug","msg":"detail"}'], { micros: noon * 1000 + 40 })
const foundInMixed = storeOf([...shop, ...broken, ...cart, ...router, ...debug])

test.each<[LogQuery, string[]]>([
  [{ app: 'cart' }, ['cart request', 'cart info']],
  [{ app: 'guid-of-cart' }, ['cart request', 'cart info']],
  [{ app: 'car' }, []],
  [{ source: 'rtr' }, ['cart request']],
  [{ source: 'APP', app: 'cart' }, ['cart info']],
  [{ level: 'error' }, ['shop error']],
  [{ level: 'info', app: 'shop' }, ['shop error', 'shop two', 'shop info']],
  [{ level: 'trace', app: 'shop' }, ['detail', 'shop error', 'shop two', 'shop info']],
  [{ level: 'error', app: 'cart' }, []],
  [{ q: 'info', app: 'cart' }, ['cart info']],
  [{ q: 'cart' }, ['cart request', 'cart info']],
  [{ from: noon + 1 }, []],
  [{ from: new Date(noon).toISOString(), to: noon, limit: 2 }, ['detail', 'cart request']],
  [{ to: noon - 1 }, []]
])('filters: %j', async (query, expected) => {
  expect(await foundInMixed(query)).toEqual(expected)
})

test('filters find few among many lines of others', async () => {
  const many = Array.from({ length: 600 }, (_, i) =>
    logsOf([`line ${i}`], {
      source: sourceOf(`app${i % 7}`),
      priority: i % 100 === 0 ? 11 : 14,
      micros: noon * 1000 + i
    })
  ).flat()
  const found = storeOf(many)
  expect(await found({ level: 'error' })).toEqual([
    'line 500',
    'line 400',
    'line 300',
    'line 200',
    'line 100',
    'line 0'
  ])
  expect(await found({ level: 'error', app: 'app6' })).toEqual(['line 300'])
  expect(await found({ q: '"line 42"' })).toEqual(['line 42'])
})

test.each<[string, LogQuery]>([
  ['level', { level: 'loud' }],
  ['limit', { limit: 0 }],
  ['limit', { limit: 1001 }],
  ['limit', { limit: 1.5 }],
  ['from', { from: 'yesterday' }],
  ['to', { to: Number.NaN }],
  ['cursor', { cursor: 'bogus' }],
  ['q', { q: 'x'.repeat(2001) }],
  ['q', { q: 'x '.repeat(51) }]
])('a wrong %s is refused', async (name, query) => {
  await expect(foundInMixed(query)).rejects.toMatchObject({
    code: 'QUERY_INVALID',
    message: expect.stringMatching(`^${name} `)
  })
})

test('where there is no store yet there is nothing to find', async () => {
  const queries = openQueries('/nonexistent')
  expect(await queries.logs({})).toEqual({ logs: [] })
  expect(await queries.metrics({ name: 'cpu' })).toMatchObject({ series: [] })
  expect(await queries.metricNames({})).toEqual({ names: [] })
  expect(await queries.latestContainers()).toEqual({ containers: [] })
})
