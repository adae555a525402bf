import { expect, test } from 'vitest'
import { replayCommand } from '../../src/console/dead-letters/command.ts'

test.each([
  [{}, 'culvert replay --dead-letters'],
  [{ lane: 'elasticsearch', app: 'shop-api' }, 'culvert replay --dead-letters --lane elasticsearch --app shop-api'],
  [{ q: 'depth limit' }, "culvert replay --dead-letters --q 'depth limit'"],
  [{ q: `it's "$HOME"` }, `culvert replay --dead-letters --q 'it'\\''s "$HOME"'`]
])('%j as a shell takes it', (filter, command) => {
  expect(replayCommand(filter)).toBe(command)
})
