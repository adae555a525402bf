import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createJsonScanner, maxDepth, slotOf } from '../../processors/json-scan.ts'
import { anyCharacter } from '../any-character.ts'
import { hasEqualKeys } from '../cases/equal-keys.ts'

const scanner = createJsonScanner()

/** The scan of a text that stands between other bytes, as in a record. */
function scan(text: string) {
  const bytes = Buffer.from(`"{[ ${text}\n]} "`)
  const start = 4
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const verdict = scanner.scan({ bytes, view }, start, start + Buffer.byteLength(text))
  const { found } = scanner
  return {
    ...found,
    verdict,
    text: (at: number) => bytes.toString('utf8', found.values[at * 2], found.values[at * 2 + 1])
  }
}

/** The reference: JSON.parse for validity, and by hand what a strict reader refuses besides. */
function isObjectText(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

const json = fc.letrec(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string({ unit: 'grapheme', maxLength: 8 }).map(text => JSON.stringify(text)),
    fc.string({ unit: anyCharacter, maxLength: 4 }).map(text => JSON.stringify(text)),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.integer().map(String),
    fc.constantFrom('true', 'false', 'null', '0', '-0', '1e5', '1E-2', '{}', '[]'),
    tie('object'),
    fc.array(tie('value'), { maxLength: 3 }).map(items => `[${items.join(', ')}]`)
  ),
  object: fc
    .array(
      fc.tuple(fc.constantFrom('a', 'b', 'level', 'message', 'a.b', '\\u0061', '', 'ключ', '__proto__'), tie('value')),
      { maxLength: 4 }
    )
    .map(members => `{${members.map(([key, value]) => `"${key}" :${value}`).join(',')}}`)
}))

test('what the scanner calls valid, JSON.parse takes, and the other way round', () => {
  fc.assert(
    fc.property(json.object, fc.nat(), fc.string({ unit: 'binary-ascii', maxLength: 1 }), (text, at, other) => {
      const place = at % (text.length + 1)
      for (const candidate of [text, text.slice(0, place) + other + text.slice(place + 1), text.slice(0, place)]) {
        expect([candidate, scan(candidate).verdict !== 'invalid']).toEqual([candidate, isObjectText(candidate)])
      }
    }),
    { numRuns: 1000 }
  )
})

test('what the scanner calls safe has no two equal keys', () => {
  fc.assert(
    fc.property(json.object, text => {
      if (hasEqualKeys(text)) expect([text, scan(text).verdict]).toEqual([text, 'doubtful'])
    }),
    { numRuns: 1000 }
  )
})

test.each([
  ['{"a":1,"a":2}', 'doubtful'],
  ['{"o":{"k":1,"other":2,"k":3}}', 'doubtful'],
  ['{"a":1,"\\u0061":2}', 'doubtful'],
  ['{"":1}', 'doubtful'],
  ['{"a":"\\ud800"}', 'doubtful'],
  ['{"a":"\\ud83d\\ude00"}', 'safe'],
  ['{"a":1e400}', 'doubtful'],
  ['{"a":\n1}', 'doubtful'],
  [`${'{"a":'.repeat(maxDepth)}1${'}'.repeat(maxDepth)}`, 'safe'],
  [`${'{"a":'.repeat(maxDepth + 1)}1${'}'.repeat(maxDepth + 1)}`, 'doubtful'],
  [`${'['.repeat(100_000)}`, 'invalid'],
  [`{"a":${'['.repeat(100_000)}`, 'invalid'],
  ['{"a":"\t"}', 'invalid'],
  ['{"a":01}', 'invalid'],
  ['{"a":1,}', 'invalid'],
  ['{"a":1}{', 'invalid']
])('%.40s is %s', (text, verdict) => {
  expect(scan(text).verdict).toBe(verdict)
})

test('values of known keys are remembered at the top level only', () => {
  const found = scan('{"level":"info","inner":{"msg":"not this","level":3},"msg":"this"}')
  expect(found.text(slotOf.get('level')!)).toBe('"info"')
  expect(found.text(slotOf.get('msg')!)).toBe('"this"')
  expect(found.values[slotOf.get('message')! * 2]).toBe(0)
})

test('an object with more keys than are worth comparing needs a closer look', () => {
  const object = (keys: number) => `{${Array.from({ length: keys }, (_, i) => `"k${i}":1`).join()}}`
  expect([scan(object(128)).verdict, scan(object(129)).verdict]).toEqual(['safe', 'doubtful'])
})
