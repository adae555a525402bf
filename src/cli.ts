#!/usr/bin/env node
import { createInterface } from 'node:readline/promises'
import packageJson from '../package.json' with { type: 'json' }
import { banner, startup } from './banner.ts'
import { effectiveConfig } from './config/effective.ts'
import { parseConfig } from './config.ts'
import { CulvertError, messageOf } from './core/errors.ts'
import type { Terminal } from './dead-letters/arguments.ts'
import { listCommand } from './dead-letters/list-command.ts'
import { replayCommand } from './dead-letters/replay-command.ts'
import { startCulvert } from './main.ts'
import { createLog } from './telemetry/log.ts'

const usage = `culvert: the log and metrics drain for Cloud Foundry

  culvert run [--stdin]   receive, keep, hand on (the default); --stdin takes lines from standard input too
  culvert config          print the effective configuration, secrets hidden
  culvert dead-letters [ID] [FILTER] [--json]
                          what stores refused for good, newest first, and why; one whole by its id, all whole with --json
  culvert replay --dead-letters [FILTER] [--dry-run] [--yes]
                          put dead letters back after a fix; Culvert must run
  culvert --version
  culvert --help

FILTER: [--lane NAME] [--q TEXT] [--app NAME]

All settings are environment variables: docs/configuration.md.`

/** sysexits.h: EX_USAGE, EX_CONFIG. */
const wrongUsage = 64
const wrongConfig = 78

/** Where nobody reads our log, its end is not waited for longer. */
const flushMs = 300

const { version } = packageJson
const [command = 'run', ...rest] = process.argv.slice(2)

function fail(error: unknown): void {
  const known = error instanceof CulvertError
  process.stderr.write(`culvert: ${messageOf(error)}\n${known ? `  ${error.advice}\n` : ''}`)
  if (!known && error instanceof Error && error.stack !== undefined) process.stderr.write(`${error.stack}\n`)
  process.exitCode = known && error.code === 'CONFIG_INVALID' ? wrongConfig : 1
}

async function run(stdin: boolean): Promise<void> {
  const { env } = process
  const terminal = process.stdout.isTTY === true
  const log = createLog({ level: parseConfig(env).logLevel, terminal })
  const culvert = await startCulvert({ env, log, version, ...(stdin ? { stdin: process.stdin } : {}) })
  const { config, addresses } = culvert
  if (terminal) process.stdout.write(`${banner(config, addresses, version).join('\n')}\n`)
  else log.info({ version, ...startup(config, addresses) }, 'Culvert is running.')

  let signals = 0
  const stop = (signal: string): void => {
    if (++signals > 1) process.exit(1)
    log.info({ signal }, 'Stopping; a second signal ends at once.')
    culvert.stop().then(
      () => {
        log.info({}, 'Stopped. What was not delivered waits in the journal.')
        log.flush(() => process.exit(0))
        setTimeout(() => process.exit(0), flushMs)
      },
      (error: unknown) => {
        fail(error)
        process.exit(1)
      }
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

async function out(text: string): Promise<void> {
  if (!process.stdout.write(text)) await new Promise(resolve => process.stdout.once('drain', resolve))
}

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return await lines.question(question)
  } finally {
    lines.close()
  }
}

/** Ends with the command's exit code. */
async function once(given: (args: readonly string[], terminal: Terminal) => Promise<number>): Promise<void> {
  // Whoever reads us has seen enough: `culvert dead-letters | head`.
  process.stdout.on('error', () => process.exit(0))
  const isPerson = process.stdin.isTTY === true && process.stdout.isTTY === true
  const err = (text: string): void => {
    process.stderr.write(text)
  }
  try {
    process.exitCode = await given(rest, { env: process.env, out, err, ...(isPerson ? { ask } : {}) })
  } catch (error) {
    fail(error)
  }
}

if (command === '--version' || command === '-v') process.stdout.write(`${version}\n`)
else if (command === '--help' || command === '-h' || command === 'help') process.stdout.write(`${usage}\n`)
else if (command === 'config' && rest.length === 0) {
  try {
    process.stdout.write(`${JSON.stringify(effectiveConfig(parseConfig(process.env)), null, 2)}\n`)
  } catch (error) {
    fail(error)
  }
} else if (command === 'dead-letters') await once(listCommand)
else if (command === 'replay') await once(replayCommand)
else if (command === 'run' && rest.every(word => word === '--stdin')) {
  await run(rest.includes('--stdin')).catch(fail)
} else {
  process.stderr.write(`culvert: there is no \`${[command, ...rest].join(' ')}\`\n\n${usage}\n`)
  process.exitCode = wrongUsage
}
