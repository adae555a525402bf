import { expect, test } from 'vitest'
import { ApiError } from '../../src/console/api.ts'
import { readTail, type TailState } from '../../src/console/live/tail.ts'
import { row } from './rows.ts'

const streamOf = (...pieces: string[]) => new Blob(pieces).stream()

/** Answers the given streams one after another, then ends the reading. */
async function read(...answers: (() => ReadableStream<Uint8Array<ArrayBuffer>>)[]) {
  const seen = { rows: [] as string[], chars: 0, dropped: 0, states: [] as TailState[] }
  const abort = new AbortController()
  await readTail(
    async () => {
      const answer = answers.shift()
      if (answer !== undefined) return answer()
      abort.abort()
      return streamOf()
    },
    {
      row({ id }, chars) {
        seen.rows.push(id)
        seen.chars += chars
      },
      dropped(count) {
        seen.dropped += count
      },
      state(state) {
        seen.states.push(state)
      }
    },
    abort.signal,
    { silenceMs: 60_000, firstMs: 1, longestMs: 1 }
  )
  return seen
}

const log = (id: string) => `event: log\ndata: ${JSON.stringify(row(id))}\n\n`

test('reads lines, and how many the server left out', async () => {
  const text = log('a') + log('b')
  const seen = await read(() => streamOf(text, 'event: dropped\ndata: {"count":12}\n\n', 'event: other\ndata: x\n\n'))
  expect(seen.rows).toEqual(['a', 'b'])
  expect(seen.dropped).toBe(12)
  expect(seen.chars).toBe(2 * JSON.stringify(row('a')).length)
})

test('connects again when a stream ends', async () => {
  const seen = await read(
    () => streamOf(log('a')),
    () => streamOf(log('b'))
  )
  expect(seen.rows).toEqual(['a', 'b'])
  expect(seen.states.slice(0, 4)).toEqual(['connecting', 'live', 'waiting', 'live'])
})

test('gives up on 401: the console asks for a token', async () => {
  const seen = await read(() => {
    throw new ApiError(401, {})
  })
  expect(seen.states).toEqual(['connecting'])
})
