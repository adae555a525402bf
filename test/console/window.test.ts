import fc from 'fast-check'
import { expect, test } from 'vitest'
import { offsetOfRow, windowOf } from '../../src/console/log/window.ts'

test('only rows in view and some around them are drawn', () => {
  expect(windowOf(1000, 20, [], 2000, 100, 2)).toEqual({ first: 98, last: 108, offset: 1960, height: 20_000 })
})

test('an open row moves those below it', () => {
  expect(windowOf(10, 20, [{ index: 1, extra: 200 }], 240, 20, 0)).toEqual({
    first: 2,
    last: 4,
    offset: 240,
    height: 400
  })
})

test('a list without rows draws none', () => {
  expect(windowOf(0, 20, [], 0, 500)).toEqual({ first: 0, last: 0, offset: 0, height: 0 })
})

test('whatever is in view is drawn', () => {
  const open = fc.array(fc.record({ index: fc.nat(199), extra: fc.nat(500) }), { maxLength: 5 })
  fc.assert(
    fc.property(open, fc.nat(6000), fc.integer({ min: 1, max: 900 }), (rows, scrollTop, viewHeight) => {
      const { first, last, offset } = windowOf(200, 20, rows, scrollTop, viewHeight, 0)
      expect(offset).toBe(offsetOfRow(first, 20, rows))
      expect(first === 0 || offset <= scrollTop).toBe(true)
      expect(last === 200 || offsetOfRow(last, 20, rows) > scrollTop + viewHeight).toBe(true)
    })
  )
})
