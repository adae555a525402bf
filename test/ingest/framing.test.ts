import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { connectionsOf, framesOf, syslogCaptures } from '../cases/captures.ts'
import { framed, framesAfterEach, splitAt } from './framed.ts'

const cases = new URL('../cases/framing/', import.meta.url)

describe('golden cases', () => {
  for (const name of readdirSync(cases)) {
    const read = (file: string) => readFileSync(new URL(`${name}/${file}`, cases))
    const { maxFrameBytes, ...expected } = JSON.parse(read('expected.json').toString())
    test(name.replaceAll('-', ' '), () => {
      const input = read('input')
      expect(framed([input], maxFrameBytes)).toEqual(expected)
      expect(framed(splitAt(input, [...input.keys()]), maxFrameBytes)).toEqual(expected)
    })
  }
})

test.each(syslogCaptures)('%s is cut into the messages that the agent sent', name => {
  const expected = framesOf(name).map(frame => frame.toString('latin1'))
  for (const bytes of connectionsOf(name)) expect(framed([bytes])).toEqual({ frames: expected, problems: {} })
})

const header = fc.constantFrom('<14>1 ', '<11>1 ', '<-1>1 ', '<14>1 2026-11-24T04:29:03.785942+00:00 h a [1] - - ')
const letters = fc.string({ unit: fc.constantFrom(...'ab1 <>[]"\\é\0\t'), maxLength: 40 })
const lines = fc.string({ unit: fc.constantFrom(...'ab1 <>\n\r'), maxLength: 40 })
const lineMessage = fc.tuple(header, letters).map(parts => Buffer.from(parts.join('')))
const countedMessage = fc.tuple(header, lines).map(parts => Buffer.from(`${parts.join('')}\n`))
const between = fc.constantFrom('', '', '\n', '\r\n', ' ', '\0')

/** Frames as a sender writes them, and what they hold. */
const wellFormed = fc.oneof(
  fc.tuple(countedMessage, fc.constantFrom(' ', ''), between).map(([message, separator, after]) => ({
    bytes: Buffer.concat([Buffer.from(`${message.length}${separator}`), message, Buffer.from(after)]),
    text: message.toString('latin1')
  })),
  fc.tuple(lineMessage, fc.constantFrom('\n', '\r\n')).map(([message, end]) => ({
    bytes: Buffer.concat([message, Buffer.from(end)]),
    text: message.toString('latin1')
  }))
)
const places = fc.array(fc.nat(2000), { maxLength: 60, size: 'max' })

test('frames come out as they were sent, whatever the framing and wherever reads end', () => {
  fc.assert(
    fc.property(fc.array(wellFormed, { maxLength: 30, size: 'max' }), places, (sent, at) => {
      const bytes = Buffer.concat(sent.map(frame => frame.bytes))
      expect(framed(splitAt(bytes, at))).toEqual({ frames: sent.map(frame => frame.text), problems: {} })
    })
  )
})

/** Frames whose counts are off, garbage, and bytes that look like frames. */
const anything = fc.oneof(
  wellFormed.map(frame => frame.bytes),
  fc
    .tuple(countedMessage, fc.oneof(fc.constantFrom(-1, 1, 2), fc.integer({ min: -60, max: 200 })))
    .map(([message, off]) => Buffer.concat([Buffer.from(`${Math.max(1, message.length + off)} `), message])),
  fc.string({ unit: fc.constantFrom(...'0123 <>-\n\r\0x'), maxLength: 30 }).map(text => Buffer.from(text)),
  fc
    .constantFrom('\n1', '\n12 ', '\n12 <1', '<', '5', '12 <14>1 - ', '9999999 <14>1 ', '12345678')
    .map(text => Buffer.from(text)),
  fc.uint8Array({ maxLength: 20 }).map(bytes => Buffer.from(bytes))
)

test('whatever the bytes, where reads end never matters, and no frame is empty or over the limit', () => {
  fc.assert(
    fc.property(
      fc.array(anything, { maxLength: 25, size: 'max' }),
      places,
      fc.constantFrom(40, 200, 4000),
      (parts, at, limit) => {
        const bytes = Buffer.concat(parts)
        const whole = framed([bytes], limit)
        expect(framed(splitAt(bytes, at), limit)).toEqual(whole)
        for (const frame of whole.frames) {
          const length = frame.replace(/( \[truncated\])?( \[resynchronised\])?$/, '').length
          expect(length).toBeGreaterThan(0)
          expect(length).toBeLessThanOrEqual(limit)
        }
      }
    ),
    { numRuns: 500 }
  )
})

const neighbour = (text: string) => {
  const message = `<14>1 2026-11-24T04:29:03.785942+00:00 host app [APP/PROC/WEB/0] - - ${text}\n`
  return { counted: (off: number) => `${message.length + off} ${message}`, message }
}

test('a wrong octet count costs its neighbours nothing', () => {
  const before = neighbour('before')
  const wrong = neighbour('wrong')
  const after = neighbour('after')
  const last = neighbour('last')
  for (let off = -70; off <= 300; off++) {
    const bytes = Buffer.from(before.counted(0) + wrong.counted(off) + after.counted(0) + last.counted(0))
    const { frames } = framed([bytes])
    expect(frames[0], `off by ${off}`).toBe(before.message)
    const texts = frames.map(frame => frame.replace(' [resynchronised]', ''))
    const swallowedWhole = [after, last].some(
      (_, i, all) =>
        off ===
        all
          .slice(0, i + 1)
          .map(n => n.counted(0))
          .join('').length
    )
    if (!swallowedWhole) expect(texts.slice(-2), `off by ${off}`).toEqual([after.message, last.message])
  }
})

test('a frame is given as soon as its last byte is there', () => {
  const { message, counted } = neighbour('a line')
  const bytes = Buffer.from(counted(0) + message)
  const first = counted(0).length
  expect(framesAfterEach([bytes.subarray(0, 5), bytes.subarray(5, 60), bytes.subarray(60, first)])).toEqual([0, 0, 1])
  expect(framesAfterEach([bytes.subarray(first, -1), bytes.subarray(-1)])).toEqual([0, 1])
})
