import { expect, test } from 'vitest'
import { createDecoder } from '../../processors/decode.ts'
import { jsonLog } from '../../processors/json-log.ts'
import { isLog, type LogEvent } from '../../src/core/event.ts'
import { jsonRanges } from '../../src/core/json-line.ts'
import { asJson, goldenCases } from '../cases/golden.ts'
import { recordOf } from '../sinks/wire-events.ts'

function read(input: string | Buffer): LogEvent {
  const event = jsonLog().process(createDecoder().decode(recordOf([input])), 0)[0]
  if (event === undefined || !isLog(event)) throw new Error('a log was expected')
  return event
}

test.each(goldenCases('app-json'))('$name', ({ input, expected }) => {
  const event = read(input)
  const { message, level, detail } = event
  const json = detail?.kind === 'json' ? detail : undefined
  const actual = asJson({
    message: message.length > 500 ? `${message.length} characters` : message,
    level,
    json: json && {
      safe: json.safe,
      time: json.time,
      error: json.error,
      traceId: json.traceId,
      spanId: json.spanId,
      numbers: numbersOf(event),
      app: json.parse()
    }
  })
  expect(actual).toEqual(expected(actual))
})

/** The ranges of numbers as text. */
function numbersOf({ detail, record }: LogEvent): string[] | undefined {
  if (detail?.kind !== 'json' || detail.ranges === undefined) return undefined
  const { ranges } = detail
  let i = detail.rangesAt + jsonRanges.numbers
  const count = ranges[i++]!
  if (count < 0) return undefined
  const found: string[] = []
  for (const end = i + count; i < end; ) {
    const segments = ranges[i++]!
    const parts = Array.from({ length: segments + 1 }, () => record.bytes.toString('utf8', ranges[i++], ranges[i++]))
    found.push(`${parts.slice(0, -1).join('.')}=${parts.at(-1)}`)
  }
  return found
}

test.each([
  ['{"a":1,"b":[{"a":2}]}', []],
  ['{"a":1,"a":2}', ['json_rewritten']],
  ['{"a":1,"\\u0061":2}', ['json_rewritten']],
  [`${'{"a":'.repeat(17)}1${'}'.repeat(17)}`, ['json_rewritten']]
])('%s has the marks %o', (text, marks) => {
  expect(read(`<14>1 2026-11-24T04:29:03Z h app [APP/0] - - ${text}\n`).marks).toEqual(marks)
})

test('a line of the router is left to the router’s processor', () => {
  const event = read('<14>1 2026-11-24T04:29:03Z h app [RTR/0] - - {"message":"x"}\n')
  expect(event.detail).toBeUndefined()
})

test('the event stays as it was, but for what was found', () => {
  const [event] = createDecoder().decode(
    recordOf(['<11>1 2026-11-24T04:29:03Z h app [APP/0] - - {"message":"x","level":"debug"}\n'])
  )
  const [changed] = jsonLog().process([event!], 0)
  expect(event).not.toBe(changed)
  expect(event).toMatchObject({ detail: undefined, level: 'error' })
  expect(changed).toMatchObject({ level: 'debug', id: event!.id, text: '{"message":"x","level":"debug"}' })
})
