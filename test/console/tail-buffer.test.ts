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

test('lines of the store come before, none of them twice', () => {
  const buffer = filled(1, { maxLines: 10, maxChars: 100_000 })
  buffer.prepend([row('old'), row('older'), row('0')])
  buffer.add(row('older'), 10)
  buffer.add(row('new'), 10)
  expect(ids(buffer)).toEqual(['old', 'older', '0', 'new'])
})

test('what was cleared does not come back', () => {
  const buffer = filled(3)
  buffer.pause()
  buffer.clear()
  expect([ids(buffer), buffer.pending]).toEqual([[], 0])
  buffer.resume()
  expect(ids(buffer)).toEqual([])
})
