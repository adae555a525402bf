import { expect, test } from 'vitest'
import { inlineFields } from '../../src/console/log/app-fields.ts'
import { wordsIn } from '../../src/console/log/one-line.ts'

const fields = (app: Record<string, unknown> | undefined, q?: string) =>
  inlineFields({ message: 'order created', ...(app && { app }) }, wordsIn(q))

const pino = {
  level: 30,
  time: 1,
  pid: 18,
  hostname: 'h',
  msg: 'order created',
  orderId: 88520,
  query: 'red shoes',
  ok: true
}

test('the fields that the app gave are shown, those of its logger are not', () => {
  expect(fields(pino)).toBe('orderId=88520 query="red shoes" ok=true')
  expect(
    fields({ '@timestamp': 'x', message: 'm', coupon: null, contextMap: { traceId: 't', carrier: 'UPS' }, tags: ['a'] })
  ).toBe('carrier=UPS')
  expect([fields(undefined), fields({})]).toEqual(['', ''])
})

test('what a search matched comes first, also a field that is not shown else, around the match', () => {
  expect(fields({ ...pino, hostname: 'shoe-1' }, 'shoe')).toBe(
    'hostname=shoe-1 orderId=88520 query="red shoes" ok=true'
  )
  expect(fields({ text: 'order created', a: 1 }, 'order')).toBe('a=1') // the row's own message
  const statement = `select ${'x, '.repeat(40)} from orders where id = 1`
  expect(fields({ a: 1, statement }, 'orders')).toMatch(/^statement="….{24}orders where id = 1" a=1$/)
})

test('long values and many fields are cut', () => {
  expect(fields({ a: 'x'.repeat(500) })).toBe(`a=${'x'.repeat(80)}…`)
  expect(fields(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, i]))).split(' ')).toHaveLength(12)
})
