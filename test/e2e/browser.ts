import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run'
]

/** CULVERT_TEST_BROWSER=none leaves the browser tests out; whoever sets it is told what that means. */
export function browserWanted(): boolean {
  const choice = process.env.CULVERT_TEST_BROWSER ?? ''
  if (choice !== '' && choice !== 'none') {
    throw new Error(`CULVERT_TEST_BROWSER is '${choice}', and may only be 'none' or absent.`)
  }
  if (choice === '') return true
  console.warn('CULVERT_TEST_BROWSER=none: nobody looked at the console (test/e2e).')
  return false
}

/** A headless Chromium. Throws, saying what to do, where there is none. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), args })
}

function chromiumPath(): string {
  const named = process.env.CULVERT_CHROMIUM
  if (named !== undefined) {
    if (existsSync(named)) return named
    throw new Error(`CULVERT_CHROMIUM is ${named}, and there is no such file.`)
  }
  const inPath = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap(folder => ['chromium', 'chromium-browser', 'google-chrome'].map(name => join(folder, name)))
  const found = ['/usr/bin/chromium', ...inPath].find(path => existsSync(path))
  if (found !== undefined) return found
  throw new Error(
    'No Chromium was found: install it (apt-get install chromium), name it in CULVERT_CHROMIUM, or leave the browser tests out with CULVERT_TEST_BROWSER=none.'
  )
}

/** A page that remembers what went wrong in it: errors of scripts, and what the console (and so the content policy) complained of. */
export async function openPage(browser: Browser, width = 1440, height = 900): Promise<Page & { problems: string[] }> {
  const page = await browser.newPage({ viewport: { width, height } })
  const problems: string[] = []
  page.on('pageerror', error => problems.push(String(error)))
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
  })
  return Object.assign(page, { problems })
}
