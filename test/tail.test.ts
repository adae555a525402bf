import { expect, test } from 'vitest'
import { type LogRow, logRow } from '../src/core/plain.ts'
import type { LogFilter } from '../src/core/status.ts'
import { createTail, maxBytes, maxRows } from '../src/tail.ts'
import { searchedLines, searches } from './cases/text-search.ts'
import { logsOf } from './sinks/local/events.ts'
import { appId, appLine, eventsOf } from './sinks/wire-events.ts'

const platformEvent =
  '<14>1 2026-11-24T04:29:03.785942+00:00 acme.prod-space.shop-api guid [1] - [event@47450 title="crash" body="exited"] \n'
const gauge =
  '<14>1 2026-11-24T04:29:03.785942+00:00 acme.prod-space.shop-api guid [1] - [gauge@47450 name="cpu" value="1" unit="percentage"] \n'

function subject(filter: LogFilter = {}) {
  const sent: { watcher: number; messages: string[]; dropped: number }[] = []
  const tail = createTail((watcher, rows: readonly LogRow[], dropped) => {
    sent.push({ watcher, messages: rows.map(({ message }) => message), dropped })
  })
  tail.watch(1, filter)
  return { tail, sent }
}

test('who watches gets lines and platform events, and no metrics', () => {
  const { tail, sent } = subject()
  tail.see(eventsOf([appLine('a'), gauge, platformEvent]))
  tail.flush()
  tail.flush()
  expect(sent).toEqual([{ watcher: 1, messages: ['a', 'crash: exited'], dropped: 0 }])
})

test('each watcher has a filter of its own, until it leaves', () => {
  const { tail, sent } = subject({ q: 'a' })
  tail.watch(2, { q: 'b' })
  tail.see(eventsOf([appLine('a'), appLine('b')]))
  tail.flush()
  tail.unwatch(1)
  tail.see(eventsOf([appLine('a')]))
  tail.flush()
  expect(sent).toEqual([
    { watcher: 1, messages: ['a'], dropped: 0 },
    { watcher: 2, messages: ['b'], dropped: 0 }
  ])
})

test.each<[LogFilter, boolean]>([
  [{}, true],
  [{ q: 'PAYMENT failed' }, true],
  [{ q: 'failed payment' }, true],
  [{ q: '"payment" fail*' }, true],
  [{ q: 'payment succeeded' }, false],
  [{ app: 'shop-api' }, true],
  [{ app: appId }, true],
  [{ app: 'shop' }, false],
  [{ source: 'app' }, true],
  [{ source: 'RTR' }, false],
  [{ level: 'warn' }, true],
  [{ level: 'error' }, true],
  [{ level: 'fatal' }, false],
  [{ q: 'payment', app: 'shop-api', level: 'error', source: 'APP' }, true],
  [{ q: 'payment', app: 'other' }, false]
])('the filter %o lets the line pass: %s', (filter, passes) => {
  const { tail, sent } = subject(filter)
  tail.see(eventsOf([appLine('{"level":"error","msg":"Payment failed"}')]))
  tail.flush()
  expect(sent.length).toBe(passes ? 1 : 0)
})

test.each(searches)('words are found as in a search of the local store: %s', (q, expected) => {
  const { tail, sent } = subject({ q })
  const events = logsOf(searchedLines)
  const messages = events.map(event => logRow(event)?.message)
  tail.see(events)
  tail.flush()
  expect(sent.flatMap(({ messages }) => messages).map(message => messages.indexOf(message))).toEqual(expected)
})

test('more rows than anybody reads are dropped and counted, until the next flush', () => {
  const { tail, sent } = subject()
  const lines = eventsOf(Array.from({ length: maxRows + 3 }, () => appLine('x')))
  tail.see(lines)
  tail.flush()
  tail.see(lines.slice(0, 1))
  tail.flush()
  expect(sent.map(({ messages, dropped }) => [messages.length, dropped])).toEqual([
    [maxRows, 3],
    [1, 0]
  ])
})

test('long lines are dropped and counted before they are too many bytes, until the next flush', () => {
  const { tail, sent } = subject()
  const lines = eventsOf(Array.from({ length: 10 }, () => appLine('x'.repeat(maxBytes / 4))))
  tail.see(lines)
  tail.flush()
  tail.see(lines.slice(0, 1))
  tail.flush()
  expect(sent.map(({ messages, dropped }) => [messages.length, dropped])).toEqual([
    [4, 6],
    [1, 0]
  ])
})

test('a line that we cannot show counts as dropped and stops nobody', () => {
  const { tail, sent } = subject()
  const [event] = eventsOf([appLine('x')])
  const unreadable = new Proxy(event!, {
    get(target, key) {
      if (key === 'timestamp') throw new RangeError('Invalid time value')
      return Reflect.get(target, key, target)
    }
  })
  tail.see([unreadable, ...eventsOf([appLine('y')])])
  tail.flush()
  expect(sent).toEqual([{ watcher: 1, messages: ['y'], dropped: 1 }])
})
