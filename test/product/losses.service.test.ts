import { expect, test } from 'vitest'
import type { LaneBooks, LedgerReport } from '../../src/core/ledger-report.ts'
import {
  laneOf,
  logLine,
  openProduct,
  postUntilTaken,
  sharedElasticsearch,
  testOver,
  untilAllDelivered
} from './faults.ts'
import type { Product } from './product.ts'

const senders = 3
const kills = 4
const postsOfALife = 30

/** Each has a time of its own, as on the platform: one agent does not report twice within a microsecond. */
const lossLine = (lost: number, sender: number, post: number): string => {
  const micros = String(sender * 100_000 + post).padStart(6, '0')
  return (
    `<11>1 2026-11-24T04:29:03.${micros}+00:00 o.s.a app-${sender} [LGR/0] - - ` +
    `${lost} messages lost for application app-${sender} in user provided syslog drain with url syslog://drain:514\n`
  )
}

const ledgerOf = async ({ http }: Product): Promise<LedgerReport> =>
  JSON.parse(await (await fetch(`${http}/api/v1/ledger`)).text())

test('killed at any moment, with two stores at their own pace: every report of a loss is counted once', async () => {
  const { env } = sharedElasticsearch()
  const product = await openProduct({ ...env, CULVERT_LOCAL_STORE: 'on' })
  const over = testOver()
  const sent = Array.from({ length: senders }, () => ({ lost: 0, reports: 0 }))
  let taken = 0
  let killing = true

  async function agent(sender: number): Promise<void> {
    for (let post = 1; killing; post++) {
      const lost = post * 10 + sender
      const body = `${logLine('before')}${lossLine(lost, sender, post)}${logLine(`after ${sender} ${post}`)}`
      await postUntilTaken(`${product.http}/drain`, body, over)
      sent[sender]!.lost += lost
      sent[sender]!.reports++
      taken++
    }
  }

  const agents = Promise.all(Array.from({ length: senders }, (_, sender) => agent(sender)))
  agents.catch(() => undefined) // of a test that has failed already
  for (let life = 0; life < kills; life++) {
    // What was saved, and what was committed, is behind what was read: each kill falls somewhere else between the three.
    const before = taken
    const { messages } = (await product.status()).lostBefore
    await product.until(({ lanes, lostBefore }) => {
      const committed = lanes.some(({ name, ledger }) => name === 'elasticsearch' && ledger.received > before * 3)
      return taken > before + postsOfALife + life && (life % 2 === 0 ? committed : lostBefore.messages > messages)
    }, 'a commit, or news of the book')
    await product.kill('SIGKILL')
    await product.restart()
  }
  killing = false
  await agents
  await untilAllDelivered(product)

  await expect
    .poll(async () => (await ledgerOf(product)).lostBefore.messages)
    .toBe(sent.reduce((sum, { lost }) => sum + lost, 0))
  const { lanes, lostBefore } = await ledgerOf(product)
  expect(lanes.map(({ name, balances, lost }) => [name, balances, lost])).toEqual([
    ['elasticsearch', true, []],
    ['local', true, []]
  ])
  const byApp = lostBefore.entries.map(({ appId, lost, reports }) => ({ appId, lost, reports }))
  expect(byApp.sort((a, b) => a.appId.localeCompare(b.appId))).toEqual(
    sent.map((counts, sender) => ({ appId: `app-${sender}`, ...counts }))
  )
})

const postBytes = 4 * 2 ** 20
/** More than the journal may hold. */
const posts = 20

test('what a lane gives up has spans that survive a kill, and hides no report of a loss', async () => {
  const product = await openProduct({
    ELASTICSEARCH_URL: 'http://127.0.0.1:9', // nobody listens there
    CULVERT_JOURNAL_MAX_BYTES: '64 MiB',
    CULVERT_WHEN_FULL: 'skip'
  })
  const over = testOver()
  const began = Date.now()
  const post = (body: string) => postUntilTaken(`${product.http}/drain`, body, over)
  await post(lossLine(7, 0, 1))
  for (let i = 0; i < posts; i++) {
    const line = logLine(`${i} `.padEnd(60_000, 'x'))
    await post(line.repeat(Math.floor(postBytes / line.length)))
  }
  await product.until(({ lanes }) => laneOf({ lanes }, 'elasticsearch').ledger.lost > 0, 'lines that were given up')
  await product.kill('SIGKILL')
  await product.restart()
  await product.until(
    ({ lanes }) => lanes.length > 0 && laneOf({ lanes }, 'elasticsearch').ledger.lost > 0,
    'the books'
  )

  const { lanes, lostBefore } = await ledgerOf(product)
  const [{ balances, ledger, lost }] = lanes as [LaneBooks]
  expect([balances, ledger.lost]).toEqual([true, lost.reduce((sum, { frames }) => sum + frames, 0)])
  expect(lost.every(({ reason, from, to }) => reason === 'journal_full' && began <= from && from <= to)).toBe(true)
  expect(lost[0]!.begin).toBe(0) // where the report was
  expect(lostBefore.messages).toBe(7)
})
