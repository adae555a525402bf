import { expect, test } from 'vitest'
import { countFramesLeft, undelivered } from '../src/undelivered.ts'
import { createMemoryJournal } from './delivery/memory-journal.ts'
import { appLine } from './sinks/wire-events.ts'

const ends = [
  { partition: 0, end: 1000 },
  { partition: 1, end: 500 }
]

function cursorsOf(cursors: Record<string, number[]>) {
  return (lane: string, partition: number) => cursors[lane]?.[partition]
}

test('what is left of a lane is summed over its partitions; who has all of it, or says nothing, is not named', () => {
  const cursors = cursorsOf({ logs: [900, 100], metrics: [1000, 500], partly: [1000, 400] })
  const counted = [
    { lane: 'logs', partition: 0, frames: 3 },
    { lane: 'logs', partition: 1, frames: 4 }
  ]
  expect(undelivered(['logs', 'metrics', 'partly', 'silent'], ends, cursors, counted)).toEqual([
    { lane: 'logs', frames: 7, bytes: 500 },
    { lane: 'partly', bytes: 100 }
  ])
  expect(undelivered(['logs'], ends, cursors, counted.slice(1))).toEqual([{ lane: 'logs', bytes: 500 }])
})

test('frames are counted from where the lane is to the end, for as long as there is time', async () => {
  const journal = createMemoryJournal()
  const [first] = [['a'], ['b', 'c'], ['d']].map(texts => journal.append(texts.map(text => appLine(text))))
  const places = [
    { name: 'logs', partition: 0, position: first!.nextPosition },
    { name: 'metrics', partition: 0, position: 0 }
  ]
  expect(await countFramesLeft(journal.reader, places, 60_000)).toEqual([
    { lane: 'logs', partition: 0, frames: 3 },
    { lane: 'metrics', partition: 0, frames: 4 }
  ])
  journal.onRead(() => new Promise(resolve => setTimeout(resolve, 20)))
  expect(await countFramesLeft(journal.reader, places, 10)).toEqual([])
})
