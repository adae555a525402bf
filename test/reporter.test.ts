import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'culvert-reporter-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Runs vitest on files that use its globals: what it exits with, and the last line that it prints. */
function runVitest(files: Record<string, string>, config: object = {}): { status: number | null; last: string } {
  const reporters = ['default', [join(import.meta.dirname, 'reporter.ts'), { leftOut: ['left.test.ts'] }]]
  const oneThread = { pool: 'threads', isolate: false, maxWorkers: 1 } // a process for each file takes longer
  const settings = { test: { globals: true, include: ['*.test.js'], reporters, ...oneThread, ...config } }
  const written = { ...files, 'vitest.config.mjs': `export default ${JSON.stringify(settings)}` }
  for (const [name, text] of Object.entries(written)) writeFileSync(join(folder, name), text)
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
  const args = [vitest, 'run', '--root', folder, '--config', join(folder, 'vitest.config.mjs')]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  const [last, before] = stdout.trimEnd().split('\n').reverse()
  expect(before, stderr).toBe('left out: left.test.ts')
  return { status, last }
}

test('passed, failed and skipped tests are counted; so are a file that cannot be loaded, a failed hook, a stray error', () => {
  const tests = `
    test('a', () => {})
    test('b', () => { expect(1).toBe(2) })
    test.skip('c', () => {})
    test.todo('d')`
  const files = {
    'tests.test.js': tests,
    'load.test.js': `throw new Error('no')`,
    'hook.test.js': `describe('s', () => { beforeAll(() => { throw new Error('no') }); test('a', () => {}) })`,
    'stray.test.js': `test('a', () => { Promise.reject(new Error('no')) })`
  }
  expect(runVitest(files)).toEqual({ status: 1, last: '2 passed, 4 failed, 3 skipped' })
})

test('the line comes after the coverage report', () => {
  const coverage = { enabled: true, reporter: ['text'], reportsDirectory: join(folder, 'coverage') }
  const text = `test('a', () => {})`
  expect(runVitest({ 'a.test.js': text }, { coverage })).toEqual({ status: 0, last: '1 passed, 0 failed' })
})

test('a failed global setup, and a run without any test, are failures', () => {
  const files = { 'a.test.js': `test('a', () => {})`, 'setup.js': `export default () => { throw new Error('no') }` }
  expect(runVitest(files, { globalSetup: ['setup.js'] })).toEqual({ status: 1, last: '0 passed, 1 failed' })
  expect(runVitest({}, { include: ['nothing.js'] })).toEqual({ status: 1, last: '0 passed, 1 failed' })
})
