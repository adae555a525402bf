import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

/** Who may import whom: docs/architecture.md. The composing files at the top of src/ may see everything but the entry points. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'src/core': ['src/core'],
  ingest: ['ingest', 'src/core'],
  processors: ['processors', 'src/core'],
  sinks: ['src/core'],
  'src/journal': ['src/journal', 'src/core'],
  'src/http': ['src/http', 'src/core'],
  'src/telemetry': ['src/telemetry', 'src/core'],
  // Of components only what the reference page says of them.
  'src/config': ['src/config', 'src/core', 'src/components'],
  'src/console': ['src/console', 'src/core']
}

const entryPoints = ['src/main.ts', 'src/cli.ts', 'src/delivery-worker.ts']

const root = new URL('..', import.meta.url).pathname
const files = globSync('{ingest,processors,sinks,src}/**/*.{ts,tsx}', { cwd: root }).sort()
const importPattern = /(?:from|import)\s*\(?\s*'(\.[^']+)'/g

const importsOf = (file: string): string[] =>
  Array.from(readFileSync(join(root, file), 'utf8').matchAll(importPattern), ([, path]) =>
    normalize(join(dirname(file), path!))
  )

/** The room a file belongs to, and for a sink its own folder. */
function roomOf(file: string): string | undefined {
  return Object.keys(mayImport)
    .filter(room => file.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0]
}

test.each(files.filter(file => roomOf(file) !== undefined))('%s imports only what its room may see', file => {
  const room = roomOf(file)!
  // A sink sees its own folder, never another sink's.
  const own = room === 'sinks' ? dirname(file) : room
  const allowed = [...mayImport[room]!, own]
  const wrong = importsOf(file).filter(path => !allowed.some(prefix => path.startsWith(`${prefix}/`)))
  expect(wrong).toEqual([])
})

test('nobody imports the entry points', () => {
  const wrong = files
    .filter(file => file !== 'src/cli.ts')
    .filter(file => importsOf(file).some(path => entryPoints.includes(path)))
  expect(wrong).toEqual([])
})

test('only the entry points read the environment or end the process', () => {
  const wrong = files
    .filter(
      file => !entryPoints.includes(file) && !file.startsWith('src/console/') && file !== 'src/config/reference.ts'
    )
    .filter(file => /process\.(env|exit|exitCode)\b/.test(readFileSync(join(root, file), 'utf8')))
  expect(wrong).toEqual([])
})
