import { expect, test } from 'vitest'
import { readProcessors } from '../../src/components/read-processors.ts'
import type { Event } from '../../src/core/event.ts'
import { eachLog, type ProcessorEntry, processor } from '../../src/index.ts'
import { createProcessorCounter } from '../../src/processor-counter.ts'
import { runProcessors } from '../../src/run-processors.ts'
import { eventsOf } from '../sinks/wire-events.ts'

const line = (text: string) => `<14>1 2026-11-24T04:29:03.785942+00:00 o.s.a app [APP/PROC/WEB/0] - - ${text}`
const gauge =
  '<14>1 2026-11-24T04:29:03.785942+00:00 o.s.a app [1] - [gauge@47450 name="cpu" value="1" unit="percentage"]'
const given = eventsOf([line('a'), gauge, line('b')].map(text => Buffer.from(text)))
const texts = (events: readonly Event[]) => events.map(event => (event.kind === 'log' ? event.message : event.kind))

/** What an entry of a configuration file makes of `a`, a gauge and `b`, and what was counted. */
function run(entry: unknown) {
  const problems: string[] = []
  const settings = readProcessors('processors', [entry], problems)
  expect(problems).toEqual([])
  const meter = createProcessorCounter()
  const events = runProcessors(
    settings.map(({ create }) => create()),
    given,
    0,
    meter
  )
  const [{ events: seen, failed, lastError } = {}] = meter.take()
  const marked = events.filter(({ marks }) => marks.includes('processor_failed')).length
  return { texts: texts(events), marked, seen, failed, lastError }
}

test.each<[string, ProcessorEntry, object]>([
  [
    'a function sees every event',
    function own(event) {
      return event
    },
    { texts: ['a', 'gauge', 'b'], seen: 3 }
  ],
  [
    'undefined leaves it out',
    function own(event) {
      return event.kind === 'gauge' ? undefined : event
    },
    { texts: ['a', 'b'] }
  ],
  [
    'eachLog sees logs only',
    eachLog('own', log => log.with({ message: `${log.message}!` })),
    { texts: ['a!', 'gauge', 'b!'] }
  ],
  ['a processor sees batches', processor('own', () => events => events.slice(1)), { texts: ['gauge', 'b'] }]
])('%s', (_, entry, expected) => expect(run(entry)).toMatchObject({ marked: 0, failed: 0, ...expected }))

const failing = (event: Event): Event => {
  if (event.kind === 'log' && event.message === 'b') throw new Error('a bug')
  return event
}

test.each<[string, unknown, number, string]>([
  ['throws', failing, 1, 'a bug'],
  [
    'answers a promise, which even fails',
    function own() {
      return Promise.reject(new Error('later'))
    },
    3,
    'own answers a promise instead of an event'
  ],
  ['answers no event', eachLog('own', (() => 5) as never), 2, 'own answers a value of type number instead of an event'],
  ['answers null', eachLog('own', (() => null) as never), 2, 'own answers null instead of an event'],
  [
    'answers a list for one',
    eachLog('own', ((log: Event) => [log]) as never),
    2,
    'own answers a list instead of an event'
  ],
  [
    'answers no list',
    processor('own', (() => () => 'x') as never),
    3,
    'own answers a value of type string instead of a list of events'
  ],
  [
    'repeats an event',
    processor('own', () => ([event]) => [event!, event!]),
    3,
    'own answers an event that it was not given, or one of them twice'
  ],
  [
    'answers another’s event',
    eachLog('own', () => eventsOf([Buffer.from(line('x'))])[0] as never),
    2,
    'own answers an event that it was not given, or one of them twice'
  ]
])('one that %s: events are kept, marked and counted', (_, entry, marked, lastError) => {
  expect(run(entry)).toEqual({ texts: ['a', 'gauge', 'b'], marked, seen: 3, failed: marked, lastError })
})

test('what a processor remembers is its own in each place', () => {
  const [setting] = readProcessors(
    'processors',
    [
      processor('once', () => {
        let seen = false
        return events => {
          const left = seen ? [] : events
          seen = true
          return left
        }
      })
    ],
    []
  )
  const [one, other] = [setting!.create(), setting!.create()]
  expect([one, one, other].map(made => texts(runProcessors([made!], given, 0)))).toEqual([
    ['a', 'gauge', 'b'],
    [],
    ['a', 'gauge', 'b']
  ])
})
