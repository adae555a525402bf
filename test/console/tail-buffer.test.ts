import { expect, test } from 'vitest'
import { createTailBuffer, type TailBuffer } from '../../src/console/live/tail-buffer.ts'
import { row } from './rows.ts'

const ids = (buffer: TailBuffer) => buffer.rows.map(({ id }) => id)
const filled = (count: number, limits = { maxLines: 3, maxChars: 1000 }) => {
  const buffer = createTailBuffer(limits)
  for (let i = 0; i < count; i++) buffer.add(row(String(i)), 10)
  return buffer
}

test('keeps the newest lines', () => {
  const buffer = filled(10)
  expect(ids(buffer)).toEqual(['7', '8', '9'])
  expect(buffer.total).toBe(10)
})

test('keeps no more than so many characters, but always the newest line', () => {
  const buffer = filled(0, { maxLines: 100, maxChars: 50 })
  for (const id of ['a', 'b', 'c']) buffer.add(row(id), 20)
  expect(ids(buffer)).toEqual(['b', 'c'])
  buffer.add(row('huge'), 500)
  expect(ids(buffer)).toEqual(['huge'])
})

test('stands still while paused, and counts what comes', () => {
  const buffer = filled(3)
  buffer.pause()
  for (const id of ['a', 'b', 'c', 'd']) buffer.add(row(id), 10)
  expect([ids(buffer), buffer.pending, buffer.paused]).toEqual([['0', '1', '2'], 4, true])
  buffer.resume()
  expect([ids(buffer), buffer.pending, buffer.paused]).toEqual([['b', 'c', 'd'], 0, false])
})

test('lines of the store stand where their time belongs, none of them twice', () => {
  const at = (id: string, second: number) => row(id, { time: `2026-11-24T04:29:0${second}.000000000Z` })
  const buffer = createTailBuffer()
  buffer.add(at('b', 2), 10)
  buffer.add(at('d', 4), 10)
  buffer.merge([at('d', 4), at('c', 3), at('a', 1)])
  buffer.add(at('c', 3), 10)
  buffer.add(at('e', 5), 10)
  expect([ids(buffer), buffer.total]).toEqual([['a', 'b', 'c', 'd', 'e'], 3])
})

test('lines of the store push no newer ones out', () => {
  const buffer = filled(0)
  for (const id of ['new', 'newer', 'newest']) buffer.add(row(id, { time: '2027-01-01T00:00:00.000000000Z' }), 10)
  buffer.merge([row('old')])
  expect(ids(buffer)).toEqual(['new', 'newer', 'newest'])
})

test('what was cleared does not come back', () => {
  const buffer = filled(3)
  buffer.pause()
  buffer.clear()
  expect([ids(buffer), buffer.pending]).toEqual([[], 0])
  buffer.resume()
  expect(ids(buffer)).toEqual([])
})
