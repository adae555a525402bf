import { expect, test } from 'vitest'
import { createBulkReader } from './bulk-reader.ts'

const id = (n: number): string => `AZq${String(n).padStart(29, '0')}`
const time = (n: number): string => `2026-11-24T04:29:03.78594${n}001Z`
const body = Buffer.from(
  [0, 1, 2].map(n => `{"create":{"_id":"${id(n)}"}}\n{"@timestamp":"${time(n)}","message":"ü ${n}"}\n`).join('')
)

function read(chunks: readonly Buffer[]) {
  const ids: string[] = []
  const times: string[] = []
  const reader = createBulkReader({
    id: (bytes, at) => ids.push(bytes.toString('latin1', at, at + 32)),
    time: (bytes, at) => times.push(bytes.toString('latin1', at, at + 26))
  })
  for (const chunk of chunks) reader.push(chunk)
  return { documents: reader.end(), ids, times }
}

const expected = {
  documents: 3,
  ids: [0, 1, 2].map(id),
  times: [0, 1, 2].map(n => time(n).slice(0, 26))
}

test('counts documents and finds ids and times, wherever the body is cut', () => {
  expect(read([body])).toEqual(expected)
  for (let cut = 1; cut < body.length; cut++)
    expect(read([body.subarray(0, cut), body.subarray(cut)])).toEqual(expected)
  expect(read(Array.from(body, (_, i) => body.subarray(i, i + 1)))).toEqual(expected)
})

test('refuses bodies that are not what the product writes', () => {
  expect(() => read([Buffer.from('{"index":{}}\n{}\n')])).toThrow('begins with {"index":{}}')
  expect(() => read([body.subarray(0, -1)])).toThrow('in the middle')
  expect(() => read([body.subarray(0, body.indexOf('\n') + 1)])).toThrow('in the middle')
})
