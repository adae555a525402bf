import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { consoleBuild } from '../../src/console/vite.config.ts'
import type { LedgerReport } from '../../src/core/ledger-report.ts'
import { createDeadLetters } from '../../src/dead-letters.ts'
import { counted, logLine, sendTcp } from '../product/faults.ts'
import { appLine, eventsOf } from '../sinks/wire-events.ts'
import { browserWanted, openBrowser, openPage } from './browser.ts'
import { type Product, startProduct } from './product.ts'

const lossLine = (lost: number, at: number): string =>
  `<11>1 2026-11-24T04:29:0${at}.785942+00:00 acme.prod.shop app [LGR/0] - [tags@47450 app_name="shop" organization_name="acme" space_name="prod"] ` +
  `${lost} messages lost for application app in user provided syslog drain with url syslog-tls://drain.example.com:6514\n`

describe.runIf(browserWanted())('the ledger in the console', () => {
  let browser: Browser
  let product: Product
  let page: Page & { problems: string[] }

  beforeAll(async () => {
    await build({ ...consoleBuild, configFile: false, logLevel: 'silent' })
    browser = await openBrowser()
    product = await startProduct()
  })
  afterAll(async () => {
    await browser?.close()
    await product?.stop()
  })
  beforeEach(async () => {
    page = await openPage(browser)
  })
  afterEach(() => page.close())

  const open = () => page.goto(`${product.url}/#/ledger`)
  const books = () => page.getByRole('region', { name: 'Books of local' })

  test('nothing came and nothing was lost: it says both', async () => {
    await page.goto(product.url)
    await page.getByRole('link', { name: 'Ledger' }).click()
    await page.getByRole('heading', { name: 'The books balance' }).waitFor()
    await books().getByText('0 = 0').waitFor()
    await page.getByText('Nothing was lost here.').waitFor()
    await page.getByText('The platform has reported no loss.').waitFor()
    expect(page.problems).toEqual([])
  })

  test('both sides of a lane’s account, what the platform lost by app and drain, and the same as a file', async () => {
    const lines = [...Array(25).keys()].map(i => logLine(`line ${i}`))
    await sendTcp(product.syslog, [...lines, lossLine(10_000, 1), lossLine(500, 2)].map(counted).join(''))
    await createDeadLetters({ dir: product.dataDir, lane: 'local' }).append(
      eventsOf([appLine('refused')]).map(event => ({ event, reason: 'no' }))
    )
    await open()
    await books().getByText('27 = 27').waitFor()
    const account = books().getByRole('table', { name: 'What became of it' })
    await account.getByRole('row', { name: /^stored .* 27$/ }).waitFor()

    const before = page.getByRole('region', { name: 'Lost before us' })
    const row = before.getByRole('row', { name: /^shop/ })
    await row.waitFor()
    expect((await row.innerText()).replace(/\s+/g, ' ')).toMatch(
      /^shop acme \/ prod Agent’s buffer overran syslog-tls:\/\/drain\.example\.com:6514 10,500 2 /
    )
    const letters = page.getByRole('region', { name: 'Lost here' }).getByRole('link', { name: '1 dead letter' })
    expect(await letters.getAttribute('href')).toBe('#/dead-letters?lane=local')

    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save as JSON' }).click()
    const file = await download
    const saved = JSON.parse(await readFile(await file.path(), 'utf8')) as LedgerReport
    expect(saved.lanes[0]).toMatchObject({ name: 'local', received: 27, accountedFor: 27, balances: true })
    expect(saved.lostBefore).toMatchObject({ messages: 10_500 })
    expect(page.problems).toEqual([])
  })

  test('the status says what was lost, and leads here', async () => {
    await page.goto(`${product.url}/#/status`)
    await page.getByText('lost before us 10,500').waitFor()
    await page.getByRole('main').getByRole('link', { name: 'ledger', exact: true }).click()
    await page.getByRole('heading', { name: 'The books balance' }).waitFor()
  })

  test('on a phone nothing is cut off', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await open()
    await books().getByText('27 = 27').waitFor()
    const wide = 'Math.max(document.documentElement.scrollWidth, document.querySelector("main").scrollWidth)'
    expect(await page.evaluate(wide)).toBeLessThanOrEqual(390)
    expect(page.problems).toEqual([])
  })

  test('books that do not balance are said in words', async () => {
    await page.route('**/api/v1/ledger', async route => {
      const response = await route.fetch()
      const report = (await response.json()) as LedgerReport
      const lanes = report.lanes.map(lane => ({ ...lane, ledger: { ...lane.ledger, stored: 20 }, balances: false }))
      await route.fulfill({ response, json: { ...report, lanes } })
    })
    await open()
    await page.getByRole('heading', { name: 'The books of local do not balance' }).waitFor()
    await books().getByText('7 frames unaccounted for').waitFor()
  })

  test('paper has the books and none of the buttons', async () => {
    await page.emulateMedia({ media: 'print' })
    await open()
    await books().getByText('27 = 27').waitFor()
    expect(await page.getByRole('button', { name: 'Print' }).isVisible()).toBe(false)
    expect(await page.getByRole('link', { name: 'Ledger' }).isVisible()).toBe(false)
  })
})
