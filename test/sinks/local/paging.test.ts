import { expect, test } from 'vitest'
import type { LocalQueries, LogQuery } from '../../../sinks/local/queries.ts'
import { logsOf, noon, sourceOf } from './events.ts'
import { openReader, openStore } from './in-process.ts'

/** All pages of a query, and what to do between two of them. */
async function allPages(queries: LocalQueries, query: LogQuery, between = async () => {}): Promise<string[]> {
  const messages: string[] = []
  let cursor: string | undefined
  do {
    const page = await queries.logs({ ...query, ...(cursor !== undefined && { cursor }) })
    messages.push(...page.logs.map(row => row.message))
    cursor = page.next
    if (messages.length > 10_000) throw new Error('the pages do not end')
    await between()
  } while (cursor !== undefined)
  return messages
}

const numbers = (from: number, to: number, step = -1): string[] =>
  Array.from({ length: Math.ceil((from - to) / -step) }, (_, i) => `line ${from + i * step}`)

/** Lines of several apps a µs apart, so that their blocks cover the same time. */
const linesOf = (texts: readonly string[], first: number, received = noon) =>
  texts.flatMap((text, i) => logsOf([text], { source: sourceOf(`app${i % 5}`), micros: first + i, received }))

test('pages have every line once, in order, while others come', async () => {
  const store = openStore()
  store.write(linesOf(numbers(0, 500, 1), noon * 1000))
  const queries = openReader(store.dir)
  let more = 0
  const messages = await allPages(queries, { limit: 33 }, async () => {
    more += 50
    store.write(linesOf([`new ${more}`], noon * 1000 + 1000 + more))
    store.write(linesOf([`old ${more}`], noon * 1000 - 1000 - more))
  })
  const before = messages.filter(message => message.startsWith('line'))
  expect(before).toEqual(numbers(499, -1))
  expect(messages.filter(message => message.startsWith('new'))).toEqual([])
  expect(new Set(messages).size).toBe(messages.length)
})

test('pages go on through files whose times overlap', async () => {
  const store = openStore()
  const day = 86_400_000
  const first = noon * 1000
  store.write(linesOf(numbers(0, 300, 3), first))
  store.write(linesOf(numbers(1, 301, 3), first + 1, noon + day))
  store.write(linesOf(numbers(2, 302, 3), first + 2, noon + 2 * day))
  const times = (texts: string[]) => texts.length
  const queries = openReader(store.dir)
  const messages = await allPages(queries, { limit: 7 })
  expect(times(messages)).toBe(300)
  expect(new Set(messages).size).toBe(300)
  const rows = (await queries.logs({ limit: 300 })).logs
  expect(rows.map(row => row.time)).toEqual(
    rows
      .map(row => row.time)
      .toSorted()
      .reverse()
  )
  expect(rows.map(row => row.message)).toEqual(messages)
})

test('pages of a search, of lines that all have the same time', async () => {
  const store = openStore()
  const texts = Array.from({ length: 150 }, (_, i) => (i % 2 === 0 ? `yes ${i}` : `no ${i}`))
  store.write(texts.flatMap(text => logsOf([text], { micros: noon * 1000 })))
  const messages = await allPages(openReader(store.dir), { q: 'yes', limit: 10 })
  expect(messages).toHaveLength(75)
  expect(new Set(messages)).toEqual(new Set(texts.filter(text => text.startsWith('yes'))))
})

test('the last page has no next, also when it is full', async () => {
  const store = openStore()
  store.write(linesOf(numbers(0, 20, 1), noon * 1000))
  const queries = openReader(store.dir)
  expect(await allPages(queries, { limit: 10 })).toEqual(numbers(19, -1))
  expect((await queries.logs({ limit: 20 })).next).toBeUndefined()
})
