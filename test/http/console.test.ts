import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openHttp } from './open-http.ts'

async function openConsole(token?: string) {
  const dir = mkdtempSync(join(tmpdir(), 'culvert-console-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  mkdirSync(join(dir, 'assets'))
  writeFileSync(join(dir, 'index.html'), '<title>the console</title>')
  writeFileSync(join(dir, 'assets', 'main-5f3a.js'), 'start()')
  return openHttp(token === undefined ? {} : { token }, { consoleDir: dir })
}

const html = { accept: 'text/html,*/*' }

test('the page, always fresh, also where a token is needed', async () => {
  const response = await (await openConsole('a-long-token')).get('/')
  expect(await response.text()).toBe('<title>the console</title>')
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(response.headers.get('cache-control')).toBe('no-cache')
})

test('hashed files for ever', async () => {
  const response = await (await openConsole()).get('/assets/main-5f3a.js')
  expect(await response.text()).toBe('start()')
  expect(response.headers.get('content-type')).toMatch(/^(text|application)\/javascript/)
  expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
})

test('the addresses that people type lead to the console’s pages', async () => {
  const { url } = await openConsole()
  for (const path of ['/search', '/search?q=a%20b&level=warn']) {
    const response = await fetch(`${url}${path}`, { headers: html, redirect: 'manual' })
    expect([response.status, response.headers.get('location')]).toEqual([302, `/#${path}`])
  }
})

test('but neither programs nor what belongs to the server', async () => {
  const { get } = await openConsole()
  for (const path of ['/api/v1/nonsense', '/assets/gone.js', '/health', '/metrics/x']) {
    const response = await get(path, html)
    expect(response.status, path).toBe(404)
    expect(await response.json()).toMatchObject({ code: 'NOT_FOUND', message: `There is no GET ${path}.` })
  }
  expect((await get('/search', { accept: 'application/json' })).status).toBe(404)
})

test('nothing outside the folder', async () => {
  const { get } = await openConsole()
  for (const path of ['/..%2f..%2fetc/passwd', '/assets/..%2f..%2f..%2fetc%2fpasswd']) {
    expect([400, 403, 404], path).toContain((await get(path)).status)
  }
})

test('without a build, a page says so and where the API is', async () => {
  const response = await (await openHttp()).get('/')
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(await response.text()).toMatch(/npm run build[\s\S]*\/docs/)
})

test('headers let a browser run our own files only', async () => {
  const { get } = await openConsole()
  const { headers } = await get('/')
  expect(headers.get('content-security-policy')).toBe(
    "default-src 'none'; script-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; style-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
  )
  expect(Object.fromEntries(headers)).toMatchObject({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin'
  })
  expect((await get('/docs')).headers.get('content-security-policy')).toContain("style-src 'self' 'unsafe-inline'")
  expect((await get('/nowhere')).headers.get('x-content-type-options')).toBe('nosniff')
})
