import { expect, test, vi } from 'vitest'
import { createProgress, duration } from '../../src/replay/progress.ts'

/** Each of these steps takes so many seconds. */
async function shown(watched: boolean, steps: readonly (readonly [seconds: number, bytes: number, frames: number])[]) {
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    let said = ''
    const out = async (text: string): Promise<void> => {
      said += text
    }
    const progress = createProgress({ total: 1000, out, watched })
    for (const [seconds, bytes, frames] of steps) {
      vi.advanceTimersByTime(seconds * 1000)
      await progress.show(bytes, frames)
    }
    await progress.clear()
    return said
  } finally {
    vi.useRealTimers()
  }
}

test('where somebody watches it is one line that changes', async () => {
  const said = await shown(true, [
    [0.05, 10, 5],
    [9.95, 250, 500],
    [10, 500, 1000]
  ])
  expect(said.split('\r')).toEqual([
    '',
    '[######------------------] 25 %, 500 lines, 50/s, 30 s left\x1b[K',
    '[############------------] 50 %, 1000 lines, 50/s, 20 s left\x1b[K',
    '\x1b[K'
  ])
})

test('where nobody does, it is a line every five seconds', async () => {
  const said = await shown(false, [
    [4, 100, 10],
    [2, 200, 30],
    [1, 300, 40],
    [5, 0, 0]
  ])
  expect(said).toBe('20 %, 30 lines, 5/s, 24 s left\n0 %, 0 lines, 0/s\n')
})

test.each([
  [0.2, '1 s'],
  [59, '59 s'],
  [300, '5 min'],
  [7500, '2 h 5 min']
])('%d s is %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text)
})
