import { spawnSync } from 'node:child_process'
import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import { expect, onTestFinished, test } from 'vitest'
import { consoleBuild } from '../../src/console/vite.config.ts'

test('the build brings everything as files of its own, with hashed names and relative addresses', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'culvert-console-'))
  try {
    const options = { ...consoleBuild.build, outDir }
    await build({ ...consoleBuild, build: options, configFile: false, logLevel: 'silent' })
    const page = await readFile(join(outDir, 'index.html'), 'utf8')
    const assets = await readdir(join(outDir, 'assets'))
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|https?:|"\//)
    expect(page).toMatch(/src="\.\/assets\/index-[\w-]{8}\.js"/)
    expect(assets.every(name => /-[\w-]{8}\.(js|css|svg)$/.test(name))).toBe(true)
    const style = assets.find(name => name.endsWith('.css')) ?? ''
    expect(await readFile(join(outDir, 'assets', style), 'utf8')).not.toMatch(/@import|https?:|url\(["']?data:/)
  } finally {
    await rm(outDir, { recursive: true })
  }
})

test('without the development dependencies npm’s prepare says so and succeeds, with a Node that knows no TypeScript', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'culvert-prepare-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const script = new URL('../../src/console/build.js', import.meta.url)
  await copyFile(script, join(folder, 'build.mjs'))
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-strip-types', 'build.mjs'], {
    cwd: folder,
    encoding: 'utf8'
  })
  expect([status, stdout, stderr]).toEqual([0, expect.stringMatching(/^The console was not built: .+\.\n$/), ''])
  const { scripts } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
  expect(scripts.prepare).toBe('node src/console/build.js')
})
