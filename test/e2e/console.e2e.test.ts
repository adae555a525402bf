import type { Browser, Locator, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { pages } from '../../src/console/route.ts'
import { consoleBuild } from '../../src/console/vite.config.ts'
import { browserWanted, openBrowser, openPage } from './browser.ts'
import { containerMetrics, jsonLine, line, request } from './envelopes.ts'
import { type Product, startProduct } from './product.ts'

const withBrowser = browserWanted()
/** For what comes by itself, on a machine that has much to do. */
const patience = { timeout: 20_000, interval: 100 }

const lines = (page: Page) => page.locator('.line')
const lineWith = (page: Page, text: string) => lines(page).filter({ hasText: text })
const open = (page: Page, { url }: Product, hash = '') => page.goto(`${url}/${hash}`)

/** The text that a person sees of the first element found, once it is there. */
async function seen(locator: Locator, timeout?: number): Promise<string> {
  await locator.first().waitFor({ ...(timeout !== undefined && { timeout }) })
  return (await locator.first().allInnerTexts()).join()
}

/** Pixels of a chart that have the colour of a theme variable. */
const pixelsOf = (page: Page, chart: string, variable: string): Promise<number> =>
  page.evaluate(`(() => {
    const canvas = document.querySelector('[aria-label="${chart}"] canvas')
    const probe = document.createElement('i')
    probe.style.color = 'var(${variable})'
    document.body.append(probe)
    const wanted = getComputedStyle(probe).color.match(/\\d+/g).map(Number)
    probe.remove()
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true })
    copy.drawImage(canvas, 0, 0)
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height)
    let count = 0
    for (let i = 0; i < data.length; i += 4) if (wanted.every((value, at) => data[i + at] === value)) count++
    return count
  })()`)

/** Asks again until the store has the line: a search shows what is stored, which comes after what is seen live. */
const searchUntil = (page: Page, text: string) =>
  expect
    .poll(async () => {
      await page.getByRole('button', { name: 'Refresh' }).click()
      return lineWith(page, text)
        .first()
        .waitFor({ timeout: 1000 })
        .then(() => true)
        .catch(() => false)
    }, patience)
    .toBe(true)

describe.runIf(withBrowser)('the console', () => {
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

  test('without a line it says how to send some', async () => {
    await open(page, product)
    await page.getByText('Waiting for the first line').waitFor()
    expect(await seen(page.locator('.command'))).toMatch(
      /cf cups culvert -l syslog:\/\/127\.0\.0\.1:\d+\?drain-data=all/
    )
    expect(page.problems).toEqual([])
  })

  test('lines appear as they come, with their app, level and request', async () => {
    await open(page, product)
    await page.getByText('Live', { exact: true }).last().waitFor()
    await product.send(line('the first words'), line('on stderr', 'err'), request('GET', '/orders?page=2', 503))
    await lineWith(page, 'the first words').waitFor()
    expect(await seen(lineWith(page, 'the first words'))).toMatch(/info[\s\S]*checkout\s*#0[\s\S]*APP/i)
    expect(await seen(lineWith(page, 'on stderr'))).toMatch(/error/i)
    expect(await seen(lineWith(page, '/orders?page=2'))).toMatch(/RTR[\s\S]*GET[\s\S]*503[\s\S]*12\.3 ms/)
    expect(page.problems).toEqual([])
  })

  test('the charts draw lines by level and requests by status', async () => {
    await open(page, product, '#/live?minutes=5')
    await product.send(line('counted'), request('GET', '/fine', 200), request('GET', '/broken', 500))
    await expect.poll(() => pixelsOf(page, 'Lines per second', '--fill-info'), patience).toBeGreaterThan(5)
    await expect.poll(() => pixelsOf(page, 'Requests per second', '--fill-5xx'), patience).toBeGreaterThan(5)
    expect(await page.getByRole('img', { name: /^Requests per second, now .*5xx/ }).count()).toBe(1)
    expect(page.problems).toEqual([])
  })

  test('a filter stands in the address and leaves only what matches', async () => {
    await open(page, product)
    await product.send(line('blue whale'), line('grey whale', 'err'))
    await lineWith(page, 'grey whale').first().waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('whale')
    await page.getByLabel('Least level').selectOption('error')
    await expect.poll(() => page.url(), patience).toMatch(/#\/live\?(q=whale&level=error|level=error&q=whale)$/)
    await product.send(line('blue whale again'), line('unrelated', 'err'), line('grey whale again', 'err'))
    await lineWith(page, 'grey whale again').waitFor()
    expect((await lines(page).allInnerTexts()).filter(text => !text.includes('grey whale'))).toEqual([])
    await page.reload()
    await lineWith(page, 'grey whale again').waitFor()
    expect(await page.getByLabel('Words').inputValue()).toBe('whale')
    expect(page.problems).toEqual([])
  })

  test('a line opens to the whole event', async () => {
    await open(page, product)
    await product.send(jsonLine('order lost'))
    await lineWith(page, 'order lost').click()
    const detail = page.locator('.detail')
    await detail.getByText('"orderId"').waitFor()
    expect(await seen(detail.locator('.detail-error pre'))).toBe('PoolError: exhausted\n    at acquire (pool.js:42:7)')
    expect(await seen(detail.locator('.fields'))).toMatch(/space\s+production/)
    await page.getByRole('button', { name: 'Resume' }).waitFor()
    expect(page.problems).toEqual([])
  })

  test('space holds the lines still, and the pill says how many wait', async () => {
    await open(page, product)
    await product.send(line('before the pause'))
    await lineWith(page, 'before the pause').waitFor()
    await page.keyboard.press(' ')
    await product.send(line('during 1'), line('during 2'))
    await page.getByRole('button', { name: '2 new lines' }).click()
    await lineWith(page, 'during 2').waitFor()
    expect(page.problems).toEqual([])
  })

  test('search finds what was stored, and shows what was said around it', async () => {
    await product.send(line('needle one'), line('hay'), line('needle two'))
    await open(page, product, '#/search?q=needle')
    await searchUntil(page, 'needle two')
    expect((await lines(page).allInnerTexts()).map(text => text.match(/needle \w+/)?.[0])).toEqual([
      'needle two',
      'needle one'
    ])
    await lineWith(page, 'needle one').click()
    await page.getByRole('link', { name: 'Show around this time' }).click()
    await lineWith(page, 'hay').first().waitFor()
    expect(await seen(page.locator('.is-marked'))).toContain('needle one')
    expect(page.problems).toEqual([])
  })

  test('a search goes on to older lines as far as one scrolls, over several answers of the API', async () => {
    const count = 450
    const now = Date.now() * 1000
    await product.send(...Array.from({ length: count }, (_, i) => ({ ...line(`paged ${i}`), timeMicros: now + i })))
    await open(page, product, '#/search?q=paged')
    await searchUntil(page, `paged ${count - 1}`)
    await expect
      .poll(async () => {
        await page.locator('.log-list').evaluate(list => list.scrollTo(0, list.scrollHeight))
        return (await lines(page).allInnerTexts()).at(-1)
      }, patience)
      .toMatch(/paged 0$/)
    await page.getByText(`${count} lines, all that match.`).waitFor()
    expect(page.problems).toEqual([])
  })

  test('a row shows the app’s own fields, and what a search matched in them', async () => {
    const said = { level: 'info', msg: 'walrus fed', keeper: 'Ada', statement: 'insert into feedings' }
    await product.send(line(JSON.stringify(said)))
    await open(page, product, '#/search?q=feedings')
    await searchUntil(page, 'walrus fed')
    expect(await seen(page.locator('.line-fields'))).toBe('statement="insert into feedings" keeper=Ada')
    expect(await page.locator('.line-fields mark').allInnerTexts()).toEqual(['feedings'])
    expect(page.problems).toEqual([])
  })

  test('every app instance has its numbers, and a metric its chart', async () => {
    await product.send(containerMetrics(41.5, 2 ** 29))
    await open(page, product, '#/apps')
    await expect
      .poll(async () => {
        await page.reload()
        return seen(page.getByRole('row', { name: /checkout/ }), 2000).catch(() => '')
      }, patience)
      .toMatch(/41\.5 %[\s\S]*512 MiB \/ 1 GiB[\s\S]*128 MiB \/ 1 GiB/)
    await page.getByLabel('Metric', { exact: true }).last().waitFor()
    await expect.poll(() => seen(page.locator('.legend-lines')), patience).toMatch(/#0\s*41\.5 %/)
    expect(page.problems).toEqual([])
  })

  test('the status has the listeners, the journal, and a lane whose books balance', async () => {
    await open(page, product, '#/status')
    const lane = page.getByRole('region', { name: 'Lane local' })
    await lane.getByText('running').waitFor()
    await expect
      .poll(() => seen(lane.getByRole('region', { name: 'Ledger' })), patience)
      .toMatch(/received [1-9]\d*[\s\S]*balances/)
    await page.getByRole('region', { name: 'Journal' }).getByText('ok', { exact: true }).waitFor()
    await page.getByRole('region', { name: 'Listeners' }).getByText('syslog', { exact: true }).waitFor()
    expect(page.problems).toEqual([])
  })

  test('nothing is wider than a phone', async () => {
    const phone = await openPage(browser, 390, 844)
    for (const name of pages) {
      await open(phone, product, `#/${name}`)
      await phone.locator('.panel').first().waitFor()
      expect([name, await phone.evaluate('document.documentElement.scrollWidth')]).toEqual([name, 390])
    }
    await phone.close()
  })

  test('when the server goes the console says so, and goes on when it is back', async () => {
    await open(page, product)
    await page.getByText('Ready', { exact: true }).waitFor()
    await product.kill('SIGTERM')
    await page.getByText('No connection').waitFor()
    await product.restart()
    await page.getByText('No connection').waitFor({ state: 'detached' })
    await expect.poll(() => seen(page.locator('.tail-state')), patience).toContain('Live')
    await product.send(line('back again'))
    await lineWith(page, 'back again').waitFor()
  })
})

describe.runIf(withBrowser)('the console of a server with a token', () => {
  test('asks for it, refuses a wrong one, and streams with the right one', async () => {
    const product = await startProduct({ CULVERT_TOKEN: 'correct-horse' })
    const browser = await openBrowser()
    try {
      const page = await openPage(browser)
      await open(page, product)
      await page.getByLabel('Token').fill('wrong-horse')
      await page.keyboard.press('Enter')
      await page.getByText('did not take this token').waitFor()
      await page.getByLabel('Token').fill('correct-horse')
      await page.keyboard.press('Enter')
      await page.getByText('Ready', { exact: true }).waitFor()
      await product.send(line('behind the door'))
      await lineWith(page, 'behind the door').waitFor()
      await page.reload()
      await lineWith(page, 'behind the door').waitFor()
    } finally {
      await browser.close()
      await product.stop()
    }
  })
})
