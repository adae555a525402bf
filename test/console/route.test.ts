import { expect, test } from 'vitest'
import { filterOf, hrefOf, parseRoute } from '../../src/console/route.ts'

test('an address holds page and parameters, and gives them back', () => {
  const href = hrefOf('search', { q: 'time out & more?', app: 'web', level: '', source: undefined })
  expect(href).toBe('#/search?q=time+out+%26+more%3F&app=web')
  expect(parseRoute(href)).toEqual({ page: 'search', params: { q: 'time out & more?', app: 'web' } })
})

test.each(['', '#', '#/', '#/nowhere', '#live'])('%j is the live page', hash => {
  expect(parseRoute(hash)).toEqual({ page: 'live', params: {} })
})

test('a page without parameters has none in its address', () => {
  expect(hrefOf('status')).toBe('#/status')
})

test('the filter is what API and tail know, without what is empty', () => {
  expect(filterOf({ q: 'x', level: 'warn', app: '', range: '1h' })).toEqual({ q: 'x', level: 'warn' })
})
