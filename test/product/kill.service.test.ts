import { expect, test } from 'vitest'
import {
  documentsIn,
  laneOf,
  logLine,
  openProduct,
  postUntilTaken,
  searchedIn,
  sharedElasticsearch,
  testOver,
  untilAllDelivered
} from './faults.ts'

const senders = 4
const lives = 4
const postsOfALife = 60

test('killed again and again while agents repeat what was not answered: every line is stored once in both stores', async () => {
  const { url, stream, env } = sharedElasticsearch()
  const product = await openProduct({ ...env, CULVERT_LOCAL_STORE: 'on' })
  const target = `${product.http}/drain?drain-data=all`
  const over = testOver()
  const lines: string[] = []
  let taken = 0
  let repeated = 0
  let lastTaken = ''
  let killing = true

  async function agent(sender: number): Promise<void> {
    for (let post = 0; killing; post++) {
      const texts = [1, 2, 3].map(i => `line ${sender} ${post} ${i}`)
      const body = texts.map(text => logLine(text)).join('')
      repeated += (await postUntilTaken(target, body, over)) - 1
      lastTaken = body
      lines.push(...texts)
      taken++
    }
  }

  const agents = Promise.all(Array.from({ length: senders }, (_, sender) => agent(sender)))
  agents.catch(() => undefined) // of a test that has failed already
  for (let life = 1; life < lives; life++) {
    const before = taken
    await expect.poll(() => taken, { timeout: 60_000 }).toBeGreaterThan(before + postsOfALife)
    await product.kill('SIGKILL')
    const answerLost = lastTaken // on its way: its sender cannot tell, and sends it to the next life
    await product.restart()
    await postUntilTaken(target, answerLost, over)
  }
  killing = false
  await agents
  expect(repeated).toBeGreaterThan(0)

  const status = await untilAllDelivered(product)
  for (const name of ['elasticsearch', 'local']) expect(laneOf(status, name).ledger).toMatchObject({ dead: 0, lost: 0 })
  const messages = (await documentsIn(url, stream)).map(({ message }) => message)
  expect(messages.sort()).toEqual(lines.sort())
  expect((await searchedIn(product)).sort()).toEqual(lines)
})
