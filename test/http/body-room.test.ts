import { expect, test } from 'vitest'
import { createBodyRoom } from '../../src/http/body-room.ts'

test('a POST without room waits until another gives its own back, in order', async () => {
  const room = createBodyRoom(100, 60_000)
  expect(await room.take(80)).toBe(true)
  const taken: string[] = []
  const big = room.take(60).then(is => taken.push(`big ${is}`))
  const small = room.take(20).then(is => taken.push(`small ${is}`))
  expect(room.status()).toEqual({ usedBytes: 80, maxBytes: 100, waiting: 2, waits: 2 })
  room.give(80)
  await Promise.all([big, small])
  expect(taken).toEqual(['big true', 'small true'])
  expect(room.status()).toEqual({ usedBytes: 80, maxBytes: 100, waiting: 0, waits: 2 })
})

test('it waits a short time only, and not at all for what never fits', async () => {
  const room = createBodyRoom(100, 1)
  expect(await room.take(100)).toBe(true)
  expect(await room.take(1)).toBe(false)
  expect(await room.take(101)).toBe(false)
  expect(room.status()).toMatchObject({ usedBytes: 100, waiting: 0, waits: 1 })
})
