import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const SERVICE = 'test/**/*.service.test.ts'
const E2E = 'test/e2e/**/*.e2e.test.ts'

const withServices = wantsServices(process.env.CULVERT_TEST_SERVICES)

/** What configuration files import, as Node finds it by src/config/file.ts. */
const resolve = {
  alias: [{ find: /^culvert$/, replacement: fileURLToPath(new URL('src/index.ts', import.meta.url)) }]
}

export default defineConfig({
  test: {
    reporters: ['default', ['./test/reporter.ts', { leftOut: withServices ? [] : globSync([SERVICE, E2E]).sort() }]],
    coverage: {
      provider: 'v8',
      include: ['{ingest,processors,sinks,src}/**/*.ts'],
      exclude: ['src/console/**'],
      reporter: ['text-summary', 'lcov']
    },
    projects: [
      {
        resolve,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [SERVICE, E2E],
          // Modules of the product have no state, so the files of a thread share them instead of loading them once each.
          pool: 'threads',
          isolate: false,
          maxWorkers: availableParallelism(),
          restoreMocks: true,
          testTimeout: 15_000 // quick tests on a busy machine, some of which start a process
        }
      },
      ...(withServices ? serviceProjects() : [])
    ]
  }
})

/** One file at a time: the servers and a browser fill two cores by themselves. */
function serviceProjects() {
  return [
    {
      test: {
        name: 'service',
        include: [SERVICE],
        globalSetup: ['test/services/global-setup.ts'],
        fileParallelism: false,
        sequence: { groupOrder: 1 },
        testTimeout: 120_000,
        hookTimeout: 180_000
      }
    },
    {
      test: {
        name: 'e2e',
        include: [E2E],
        fileParallelism: false,
        sequence: { groupOrder: 2 },
        testTimeout: 120_000,
        hookTimeout: 180_000
      }
    }
  ]
}

/** CULVERT_TEST_SERVICES=none leaves out what needs real servers or a browser. */
function wantsServices(choice: string | undefined): boolean {
  if (choice !== undefined && choice !== '' && choice !== 'none') {
    throw new Error(`CULVERT_TEST_SERVICES is '${choice}', and may only be 'none' or absent.`)
  }
  return choice !== 'none'
}
