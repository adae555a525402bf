import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { consoleBuild } from '../../src/console/vite.config.ts'
import { createDeadLetters } from '../../src/dead-letters.ts'
import { appLine, eventsOf } from '../sinks/wire-events.ts'
import { browserWanted, openBrowser, openPage } from './browser.ts'
import { type Product, startProduct } from './product.ts'

describe.runIf(browserWanted())('dead letters in the console', () => {
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

  const open = (hash: string) => page.goto(`${product.url}/${hash}`)
  const give = (lane: string, reason: string, ...lines: string[]) =>
    createDeadLetters({ dir: product.dataDir, lane }).append(
      eventsOf(lines.map(line => appLine(line))).map(event => ({ event, reason }))
    )
  const rows = () => page.locator('.letter-text').allInnerTexts()

  test('none: it says what would be here', async () => {
    await open('#/dead-letters')
    await page.getByRole('heading', { name: 'No dead letters' }).waitFor()
    expect(page.problems).toEqual([])
  })

  test('reasons with their counts lead to their letters, and a letter opens whole', async () => {
    await give('elasticsearch', "400: failed to parse field [a] in document with id 'x1'", 'order one', 'order two')
    await give('elasticsearch', "400: failed to parse field [b] in document with id 'x2'", 'order three')
    await give('influxdb', 'no NaN here', 'a metric')
    await open('#/dead-letters')
    const reasons = page.getByRole('region', { name: 'Reasons' }).getByRole('link')
    await reasons.nth(1).waitFor()
    expect((await reasons.allInnerTexts()).map(text => text.split(/\s+/).slice(0, 2))).toEqual([
      ['3', 'elasticsearch'],
      ['1', 'influxdb']
    ])
    expect(await rows()).toEqual(['a metric', 'order three', 'order two', 'order one'])
    await page.getByTitle('4 dead letters').waitFor()

    await reasons.first().click()
    await expect.poll(rows).toEqual(['order three', 'order two', 'order one'])
    await page.getByText(/^culvert replay --dead-letters --lane elasticsearch --q 'failed to parse/).waitFor()
    await page.getByLabel('Words').fill('"order two"')
    await expect.poll(rows).toEqual(['order two'])
    await page.locator('.letter-row').click()
    const detail = page.locator('.detail')
    await detail.getByText("failed to parse field [a] in document with id 'x1'").waitFor()
    expect(await detail.locator('.detail-message').innerText()).toContain(appLine('order two').trim())
    await detail.getByText('"shop-api"', { exact: true }).waitFor()
    expect(page.problems).toEqual([])
  })

  test('older letters come when asked for', async () => {
    await give('elasticsearch', 'many', ...Array.from({ length: 150 }, (_, i) => `paged ${i}`))
    await open('#/dead-letters?q=many')
    await page.getByText('The newest 100 of 150 letters.').waitFor()
    await page.getByRole('button', { name: 'Older letters' }).click()
    await page.getByText(/^150 letters\./).waitFor()
    expect((await rows()).at(-1)).toBe('paged 0')
    expect(page.problems).toEqual([])
  })
})
