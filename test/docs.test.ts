import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allSettings, reserved } from '../src/config/settings.ts'
import { loadConfig, parseConfig } from '../src/config.ts'
import { errorCodes } from '../src/core/errors.ts'
import { startCulvert } from '../src/main.ts'
import { createLog } from '../src/telemetry/log.ts'
import { makeCertificates } from './config/certificates.ts'
import { folderOf } from './run-cli.ts'

const root = join(import.meta.dirname, '..')
const read = (name: string): string => readFileSync(join(root, name), 'utf8')
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }

/** Everything a reader may copy: fenced and indented blocks, their continued lines joined, and code within sentences. */
function codeOf(markdown: string): string[] {
  const fences = /^```.*\n((?:.*\n)*?)```$/gm
  const blocks = [...markdown.matchAll(fences)].map(([, text]) => text!)
  const rest = markdown.replaceAll(fences, '')
  const indented = [...rest.matchAll(/(?<=^\n)(?: {4}.*\n)+/gm)].map(([text]) => text)
  const lines = [...blocks, ...indented].flatMap(text => text.replaceAll(/\\\n/g, ' ').split('\n'))
  return [...lines.map(line => line.trim()), ...[...rest.matchAll(/`([^`\n]+)`/g)].map(([, text]) => text!)]
}

const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: root }).sort()
const pages = documents.map(name => ({ name, text: read(name), code: codeOf(read(name)) }))

/** All that the pattern finds in the code of all pages, or in all their text, each with its page. */
function found(pattern: RegExp, where: 'code' | 'text' = 'code'): [what: string, page: string][] {
  const all = pages.flatMap(({ name, text, code }) =>
    (where === 'text' ? [text] : code).flatMap(piece =>
      [...piece.matchAll(pattern)].map(match => [match[1] ?? match[0], name] as [string, string])
    )
  )
  return [...new Map(all.map(pair => [pair.join(), pair])).values()]
}

describe('what the documentation names exists', () => {
  test.each(found(/\]\((?!https?:)([^)#]+)/g, 'text'))('the link to %s in %s', (link, page) => {
    expect(existsSync(join(root, dirname(page), link))).toBe(true)
  })

  test.each(found(/(?<![\w./])(?:src|test|docs|ingest|processors|sinks)\/[\w./<>*-]*/g))('the file %s in %s', path => {
    expect(globSync(path.replaceAll(/<[^>]*>/g, '*'), { cwd: root })).not.toEqual([])
  })

  test.each(found(/\bnpm (?:run )?([\w:]+)/g))('npm’s script %s in %s', name => {
    expect(['ci', 'install', ...Object.keys(scripts)]).toContain(name)
  })

  const ofTests = globSync(['vitest.config.ts', 'test/**/*.ts'], { cwd: root })
    .filter(name => name !== 'test/docs.test.ts')
    .flatMap(name => read(name).match(/\b(?:CULVERT_TEST_\w+|FAULTS_MINUTES)\b/g) ?? [])
  const names = new Set([
    ...allSettings.map(({ key }) => key),
    ...Object.keys(reserved),
    ...Object.keys(errorCodes),
    ...ofTests
  ])
  test.each(found(/\b[A-Z]+(?:_[A-Z]+)+\b/g))('the setting or error code %s in %s', name => {
    expect(names).toContain(name)
  })
})

describe('examples work', () => {
  const { server, remove } = makeCertificates()
  afterAll(remove)
  const pem: Record<string, string> = { 'cert.pem': server.cert, 'key.pem': server.key }

  test.each(found(/^(?:[A-Z_]+=\S+\s*)+/g))('Culvert starts with %s in %s', assignments => {
    const env = Object.fromEntries(
      assignments
        .trim()
        .split(/ +/)
        .map(pair => pair.replace('…', 'something').split('='))
    )
    expect(() => parseConfig(env, undefined, path => pem[path]!)).not.toThrow()
  })

  test.each(
    pages.flatMap(({ name, text }) =>
      [...text.matchAll(/^```ts\n((?:.*\n)*?)```$/gm)]
        .map(([, code]) => code!)
        .filter(code => code.includes('defineConfig'))
        .map((code, index) => [index + 1, name, code] as const)
    )
  )('the configuration file %i in %s is valid', async (_number, _page, code) => {
    const dir = folderOf({ 'culvert.config.ts': code })
    expect(await loadConfig({ CULVERT_CONFIG: join(dir, 'culvert.config.ts') })).toMatchObject({
      sinks: expect.any(Array)
    })
  })

  const defaults = Object.fromEntries(allSettings.map(setting => [setting.key, setting.default]))
  const port = { syslog: 'CULVERT_SYSLOG_PORT', 'syslog-tls': 'CULVERT_SYSLOG_TLS_PORT', https: 'CULVERT_HTTPS_PORT' }
  test.each(found(/\b(?:syslog|syslog-tls|https):\/\/\S*HOST:\d+/g))('%s in %s is a default port', url => {
    const [, scheme, number] = /^(.*):\/\/.*:(\d+)$/.exec(url) as unknown as [string, keyof typeof port, string]
    expect(number).toBe(defaults[port[scheme]])
  })

  describe('in the running product', () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'culvert-docs-'))
    const env = { PORT: '0', CULVERT_SYSLOG_PORT: '0', CULVERT_DATA_DIR: dataDir }
    let culvert: Awaited<ReturnType<typeof startCulvert>>
    beforeAll(async () => {
      culvert = await startCulvert({ env, log: createLog({ level: 'silent', terminal: false }), version: '0.1.0' })
    })
    afterAll(async () => {
      await culvert.stop()
      rmSync(dataDir, { recursive: true })
    })
    const get = (path: string) => fetch(`http://127.0.0.1:${culvert.addresses.http.port}${path}`)

    test.each(found(/^(?:http:\/\/localhost:8080)?(\/(?!proc)[\w./?=&:-]*)$/g))('%s in %s answers', async path => {
      await expect.poll(async () => (await get(path)).status, { timeout: 10_000 }).toBe(200)
    })

    test.each(found(/^(curl localhost:8080\/.*)$/g))('%s in %s is answered', async line => {
      const [, path, body] = /^curl localhost:8080(\/\S+)(?: --data-binary '([^']*)')?$/.exec(line)!
      const address = `http://127.0.0.1:${culvert.addresses.http.port}${path}`
      const ask = () => (body === undefined ? fetch(address) : fetch(address, { method: 'POST', body }))
      await expect.poll(async () => (await ask()).status, { timeout: 10_000 }).toBe(body === undefined ? 200 : 204)
    })

    test.each(found(/\bculvert_\w+_total\b/g))('the metric %s in %s is there', async name => {
      expect(await (await get('/metrics')).text()).toContain(`# TYPE ${name} `)
    })
  })
})
