#!/usr/bin/env node
import { constants } from 'node:os'
import { createInterface } from 'node:readline/promises'
import packageJson from '../package.json' with { type: 'json' }
import { banner, startup } from './banner.ts'
import { effectiveConfig } from './config/effective.ts'
import { type Config, loadConfig } from './config.ts'
import { CulvertError, messageOf } from './core/errors.ts'
import { listCommand } from './dead-letters/list-command.ts'
import { replayCommand } from './dead-letters/replay-command.ts'
import { type Culvert, startCulvert } from './main.ts'
import { defaultRate } from './replay/arguments.ts'
import { replayJournal } from './replay/command.ts'
import { acceptedTimes } from './replay/time.ts'
import { stopTimes } from './stop-order.ts'
import { createLog, type Log } from './telemetry/log.ts'
import type { Terminal } from './terminal.ts'
import type { Undelivered } from './undelivered.ts'

const usage = `culvert: the log and metrics drain for Cloud Foundry

  culvert run [--stdin]   receive, keep, hand on (the default); --stdin takes lines from standard input too
  culvert config          print the effective configuration, secrets hidden
  culvert dead-letters [ID] [FILTER] [--json]
                          what stores refused for good, newest first, and why; one whole by its id, all whole with --json
  culvert replay --dead-letters [FILTER] [--dry-run] [--yes]
                          put dead letters back after a fix; Culvert must run
  culvert replay --from TIME [--to TIME] --sink NAME [--replace] [--rate N|none] [--dry-run] [--yes]
                          give a sink once more what the journal holds of a time; Culvert must run
  culvert --version
  culvert --help

FILTER: [--lane NAME] [--q TEXT] [--app NAME]
TIME is when Culvert received a line: ${acceptedTimes}.
--sink gets what it does not have; with --replace what it has is written over too, under the same ids, after a parser
changed: Elasticsearch's documents are replaced, and InfluxDB's points where series and time are the same (other tags
make another series); the local store cannot. --rate is lines per second (${defaultRate}); --dry-run counts.

All settings are environment variables: docs/configuration.md.`

/** sysexits.h: EX_USAGE, EX_CONFIG. */
const wrongUsage = 64
const wrongConfig = 78

/** A shell says so of a process that a signal ended: this and the signal's number. */
const signalled = 128

/** Where nobody reads our log, its end is not waited for longer. */
const flushMs = 100

/** npm passes on the Ctrl-C that the terminal gave us too, and systemd signals both of us: that is one wish. */
const sameWishMs = 150

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
  const log = createLog({ level: (await loadConfig(env)).logLevel, terminal })
  // A terminal that was closed takes no banner; that is no reason to end.
  process.stdout.on('error', () => {})
  let culvert: Culvert | undefined
  onSignals(log, terminal || process.stdin.isTTY === true, {
    stop: async () => culvert?.stop(),
    tell() {
      // What came in while we start is safe, and everything goes on from the journal.
      if (culvert === undefined) log.info({}, 'Stopped before the start was done.')
      else tellOfStop(log, culvert.left(), culvert.config)
    }
  })
  culvert = await startCulvert({ env, log, version, ...(stdin ? { stdin: process.stdin } : {}) })
  const { config, addresses } = culvert
  const { notes, ...places } = startup(config, addresses)
  if (terminal) process.stdout.write(`${banner(config, addresses, version).join('\n')}\n`)
  else {
    log.info({ version, ...places }, 'Culvert is running.')
    for (const note of notes) log.warn({}, note)
  }
}

interface Ending {
  readonly stop: () => Promise<void>
  /** The last log line. */
  readonly tell: () => void
}

/** `stop` at the first signal; then the process tells and ends with 0, in time whatever hangs. At a second one it ends at once. */
function onSignals(log: Log, attended: boolean, { stop, tell }: Ending): void {
  let since: number | undefined
  let told = false
  const tellOnce = (): void => {
    if (!told) tell()
    told = true
  }
  const end = (): void => {
    log.flush(() => process.exit(0))
    setTimeout(() => process.exit(0), flushMs)
  }
  const heard = (signal: NodeJS.Signals): void => {
    const now = performance.now()
    if (since !== undefined) {
      if (now - since > sameWishMs) process.exit(signalled + constants.signals[signal])
      return
    }
    since = now
    log.info({ signal }, 'Stopping; a second signal ends at once.')
    setTimeout(tellOnce, stopTimes.told)
    setTimeout(() => process.exit(0), stopTimes.exit)
    stop()
      .catch((error: unknown) => log.error({ err: error }, 'Not everything stopped as it should.'))
      .finally(() => {
        tellOnce()
        end()
      })
  }
  process.on('SIGTERM', heard)
  process.on('SIGINT', heard)
  // A terminal that closes takes us with it; without one the signal means nothing yet.
  process.on('SIGHUP', signal => {
    if (attended) heard(signal)
    else log.info({ signal }, 'Nothing is read anew at a hangup: restart to change settings.')
  })
}

/** The last line: what is not delivered, and what becomes of it. */
function tellOfStop(log: Log, left: readonly Undelivered[], { ephemeral }: Config): void {
  if (left.length === 0) log.info({}, 'Stopped. Every lane has delivered what came.')
  else if (ephemeral) log.error({ lost: left }, 'Stopped. What was not delivered is lost with this container.')
  else log.info({ waiting: left }, 'Stopped. What was not delivered waits in the journal.')
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

/** The first Ctrl-C is the command's, to say how far it is; a second one ends the process. */
function interruptible(given: typeof replayJournal): (args: readonly string[], terminal: Terminal) => Promise<number> {
  const interrupting = new AbortController()
  return (args, terminal) => {
    process.once('SIGINT', () => interrupting.abort())
    return given(args, { ...terminal, interrupted: interrupting.signal })
  }
}

if (command === '--version' || command === '-v') process.stdout.write(`${version}\n`)
else if (command === '--help' || command === '-h' || command === 'help') process.stdout.write(`${usage}\n`)
else if (command === 'config' && rest.length === 0) {
  try {
    process.stdout.write(`${JSON.stringify(effectiveConfig(await loadConfig(process.env)), null, 2)}\n`)
  } catch (error) {
    fail(error)
  }
} else if (command === 'dead-letters') await once(listCommand)
else if (command === 'replay')
  await once(rest.includes('--dead-letters') ? replayCommand : interruptible(replayJournal))
else if (command === 'run' && rest.every(word => word === '--stdin')) {
  await run(rest.includes('--stdin')).catch(fail)
} else {
  process.stderr.write(`culvert: there is no \`${[command, ...rest].join(' ')}\`\n\n${usage}\n`)
  process.exitCode = wrongUsage
}
