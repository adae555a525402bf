import { describe, expect, test } from 'vitest'
import type { Entry, Place } from './evidence.ts'
import { type Holdings, judge } from './verdict.ts'

const held = (numbers: Partial<Record<Place, readonly number[]>>): Holdings => {
  const count = (place: Place) => {
    const counts = new Map<number, number>()
    for (const number of numbers[place] ?? []) counts.set(number, (counts.get(number) ?? 0) + 1)
    return counts
  }
  return { elasticsearch: count('elasticsearch'), influxdb: count('influxdb'), dead: count('dead') }
}
const sent = (...numbers: number[]): Entry[] =>
  numbers.map(number => ({ sent: number, to: 'elasticsearch', over: 'c' }))
const connection = (entries: readonly Entry[], { orderly = true, inOrder = true } = {}): Entry[] => [
  { opened: 'c', transport: 'tcp', life: 1 },
  ...entries,
  { closed: 'c', orderly },
  { ended: 1, inOrder }
]
const post = (answered: boolean, ...numbers: number[]): Entry[] => [
  { posted: 'p', transport: 'https', frames: numbers.map(number => [number, 'elasticsearch'] as const) },
  ...(answered ? [{ answered: 'p' }] : [])
]

describe('a connection', () => {
  test('that was closed in order, in a life that ended in order, must be held whole', async () => {
    const { rows, findings } = await judge(connection(sent(1, 2, 3)), held({ elasticsearch: [1, 2, 3] }))
    expect(rows.tcp).toMatchObject({ sent: 3, acknowledged: 3, elasticsearch: 3, lost: 0, duplicates: 0 })
    expect(findings).toEqual([])
    const without = await judge(connection(sent(1, 2, 3)), held({ elasticsearch: [1, 2] }))
    expect(without.rows.tcp).toMatchObject({ acknowledged: 3, elasticsearch: 2, lost: 1 })
    expect(without.findings).toEqual([
      { number: 3, what: 'lost', where: 'c, frame 3 of 3, belongs to elasticsearch, was acknowledged, and is nowhere' }
    ])
  })

  test.each([{ orderly: false }, { inOrder: false }])('of which %o may lack its end', async how => {
    const { rows, findings } = await judge(connection(sent(1, 2, 3), how), held({ elasticsearch: [1] }))
    expect(rows.tcp).toMatchObject({ sent: 3, acknowledged: 0, elasticsearch: 1, lost: 0 })
    expect(findings).toEqual([])
  })

  test('never has a hole', async () => {
    const { findings } = await judge(connection(sent(1, 2, 3), { inOrder: false }), held({ elasticsearch: [1, 3] }))
    expect(findings).toMatchObject([{ number: 2, what: 'lost' }])
  })

  test('has no hole where its frames belong to several places', async () => {
    const entries = connection(
      [
        { sent: 1, to: 'elasticsearch', over: 'c' },
        { sent: 2, to: 'influxdb', over: 'c' },
        { sent: 3, to: 'dead', over: 'c' }
      ],
      { inOrder: false }
    )
    expect((await judge(entries, held({ elasticsearch: [1], influxdb: [2], dead: [3] }))).findings).toEqual([])
    expect((await judge(entries, held({ elasticsearch: [1], dead: [3] }))).findings).toMatchObject([{ number: 2 }])
  })

  test('must have what lay in the journal when its life was ended', async () => {
    const entries = [...connection(sent(1, 2, 3), { orderly: false, inOrder: false }), { journalled: [1, 2] }]
    const { rows, findings } = await judge(entries, held({ elasticsearch: [1] }))
    expect(rows.tcp).toMatchObject({ acknowledged: 2, lost: 1 })
    expect(findings).toMatchObject([{ number: 2, what: 'lost' }])
  })

  test('that broke: what was sent again counts apart, and may be held twice', async () => {
    const entries: Entry[] = [
      ...connection(sent(1, 2), { orderly: false }),
      { opened: 'd', transport: 'tcp', life: 1 },
      { sent: 3, to: 'elasticsearch', over: 'd', again: 2 },
      { closed: 'd', orderly: true }
    ]
    const { rows, findings } = await judge(entries, held({ elasticsearch: [1, 2, 3] }))
    expect(rows.tcp).toMatchObject({ sent: 3, resent: 1, resentHeldTwice: 1, duplicates: 0, lost: 0 })
    expect(findings).toEqual([])
  })

  test('that was cut within a frame: it must not be held', async () => {
    const entries = connection([...sent(1), { sent: 2, to: 'elasticsearch', over: 'c', cut: true }], { orderly: false })
    expect((await judge(entries, held({ elasticsearch: [1] }))).rows.tcp).toMatchObject({ cut: 1, lost: 0 })
    const { findings } = await judge(entries, held({ elasticsearch: [1, 2] }))
    expect(findings).toMatchObject([{ number: 2, what: 'misplaced' }])
  })
})

describe('a POST', () => {
  test('that was answered must be held whole', async () => {
    const { rows, findings } = await judge(post(true, 1, 2), held({ elasticsearch: [2] }))
    expect(rows.https).toMatchObject({ sent: 2, acknowledged: 2, elasticsearch: 1, lost: 1 })
    expect(findings).toMatchObject([{ number: 1, what: 'lost', where: expect.stringContaining('p, frame 1 of 2') }])
  })

  test('that was not may be held or not', async () => {
    expect((await judge(post(false, 1, 2), held({ elasticsearch: [2] }))).findings).toEqual([])
  })

  test('that was sent again must be held once', async () => {
    const entries: Entry[] = [...post(true, 1), { repeated: 'p' }]
    expect(await judge(entries, held({ elasticsearch: [1] }))).toMatchObject({ repeated: 1, findings: [] })
    const { rows, findings } = await judge(entries, held({ elasticsearch: [1, 1] }))
    expect(rows.https).toMatchObject({ duplicates: 1 })
    expect(findings).toMatchObject([{ number: 1, what: 'duplicate' }])
  })
})

test('a frame that is stored and dead is held twice', async () => {
  const { findings } = await judge(post(true, 1), held({ elasticsearch: [1], dead: [1] }))
  expect(findings).toMatchObject([{ number: 1, what: 'duplicate' }])
})

test('a frame with two dead letters is dead once, and that is counted', async () => {
  const entries: Entry[] = [{ posted: 'p', transport: 'https', frames: [[1, 'dead']] }, { answered: 'p' }]
  expect(await judge(entries, held({ dead: [1, 1] }))).toMatchObject({ lettersTwice: 1, findings: [] })
})

test('a good frame among the dead is misplaced', async () => {
  const { findings } = await judge(post(true, 1), held({ dead: [1] }))
  expect(findings).toMatchObject([{ number: 1, what: 'misplaced' }])
})

test('what nobody sent is found', async () => {
  const { findings } = await judge([], held({ influxdb: [7] }))
  expect(findings).toEqual([{ number: 7, what: 'unknown', where: '1 in influxdb that nobody sent' }])
})
