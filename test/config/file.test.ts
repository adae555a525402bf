import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { folderOf } from '../run-cli.ts'

/** What loading the files of a folder gives, in a thread without vitest: configurations, or what is wrong. */
async function load(dir: string, ...names: readonly string[]): Promise<unknown[]> {
  const workerData = names.map(name => join(dir, name))
  const worker = new Worker(new URL('./loading-worker.ts', import.meta.url), { workerData })
  const [answers] = await once(worker, 'message')
  return answers.map((answer: unknown) => (typeof answer === 'string' ? answer.replaceAll(`${dir}/`, '') : answer))
}

test('a file is loaded wherever it lies, with what it imports; what only types say is left out', async () => {
  const dir = folderOf({
    'culvert.config.ts': `
      import { defineConfig, type LogEvent, eachLog, stdout } from 'culvert'
      import { name } from './name.ts'
      const same = (log: LogEvent): LogEvent => log
      export default defineConfig({ sinks: [stdout({ name, processors: [eachLog('same', same)] })] })`,
    'name.ts': `export const name: string = 'out' as const`
  })
  expect(await load(dir, 'culvert.config.ts')).toMatchObject([
    { file: `${dir}/culvert.config.ts`, sinks: [{ kind: 'stdout', name: 'out', processors: [{ name: 'same' }] }] }
  ])
})

test('in a package, and beside another package called culvert, it gets the running Culvert', async () => {
  const dir = folderOf({
    'package.json': '{ "type": "commonjs" }',
    'culvert.config.mts': `import { stdout } from 'culvert'\nexport default { sinks: [stdout()] }`
  })
  mkdirSync(join(dir, 'node_modules/culvert'), { recursive: true })
  writeFileSync(join(dir, 'node_modules/culvert/index.js'), 'throw new Error("another one")')
  expect(await load(dir, 'culvert.config.mts')).toMatchObject([{ sinks: [{ kind: 'stdout' }] }])
})

test('what is wrong with a file is said with its place', async () => {
  const dir = folderOf({
    'enum.ts': 'export default {}\nenum Never { A }\n',
    'syntax.ts': 'export default {\n  sinks: ,\n}\n',
    'import.ts': `import { elastic } from 'culvert'\nexport default elastic\n`,
    'throws.ts': `\n\nexport default (() => {\n  throw new Error('no such thing')\n})()\n`,
    'within.ts': `import './throws.ts'\nexport default {}\n`,
    'empty.ts': 'export const config = {}\n',
    'wrong.ts': `import { stdout, syslog } from 'culvert'
      export default { ingest: [syslog({ prot: 1 })], sinks: [stdout({ nmae: 'x' })] }`
  })
  const names = ['enum.ts', 'syntax.ts', 'import.ts', 'throws.ts', 'within.ts', 'empty.ts', 'none.ts', 'wrong.ts']
  expect(await load(dir, ...names)).toEqual([
    'enum.ts:2 cannot be loaded: TypeScript enum is not supported in strip-only mode',
    'syntax.ts:2 cannot be loaded: Expression expected',
    "import.ts:1 cannot be loaded: The requested module 'culvert' does not provide an export named 'elastic'",
    'throws.ts:4 cannot be loaded: no such thing',
    'throws.ts:4 cannot be loaded: no such thing',
    'empty.ts cannot be loaded: it has no default export: write `export default defineConfig({ … })`',
    'CULVERT_CONFIG: there is no file none.ts.',
    'The configuration is not valid (with wrong.ts):\n' +
      '  ingest[0].prot: there is no such option; did you mean port?\n' +
      '  sinks[0].nmae: there is no such option; did you mean name?'
  ])
})
