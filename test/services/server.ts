import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createGuard } from './guard.ts'
import { freePort } from './port.ts'

const START_TIMEOUT_MS = 120_000
const STOP_TIMEOUT_MS = 30_000
const POLL_MS = 50
const LOG_KEPT = 4_000

export type EndingSignal = 'SIGTERM' | 'SIGINT' | 'SIGKILL'

/** A real server of a test's own, on loopback. It is gone, with its data, when the process that started it is, however that ends. */
export interface Server {
  readonly url: string
  /** Changes with `restart`; undefined while the process is down. */
  readonly pid: number | undefined
  /** Ends the process and deletes its data. Safe to call twice. */
  stop(): Promise<void>
  /**
   * Sends a signal that ends the process, and waits until it is gone. The data stays, for `restart`. Resolves with the exit code, or with
   * null when a signal was its end.
   */
  kill(signal: EndingSignal): Promise<number | null>
  /** Starts the process again on the same port with the same data, after a clean end if it is still up. */
  restart(): Promise<void>
  /**
   * Stops the process in its tracks: connections are accepted by the system and never answered. Resolves when no thread of it runs any more.
   */
  pause(): Promise<void>
  resume(): void
  /** The end of what it has printed. */
  output(): string
  /** The file with all that it has printed. */
  readonly log: string
}

export interface ServerCommand {
  command: string
  args: string[]
  env?: NodeJS.ProcessEnv
}

export interface ServerOptions {
  name: string
  /** The command that serves `port` of 127.0.0.1 with its data in `folder`. */
  command: (port: number, folder: string) => ServerCommand
  /** How to know that the server can be used: the path that answers with a status below 300 then, or words that it prints then. */
  health: string | { prints: string }
}

/** Starts a server and waits until it answers. Throws with the end of its log when it does not. */
export async function startServer({ name, command, health }: ServerOptions): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), `culvert-${name}-`))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const guard = createGuard(folder)
  const log = join(folder, 'log')
  const end = () => readFileSync(log, 'utf8').slice(-LOG_KEPT)
  let child: ChildProcess | undefined
  let exitCode: number | null = null

  async function start(): Promise<void> {
    const { command: file, args, env } = command(port, folder)
    const output = openSync(log, 'a')
    const printedBefore = statSync(log).size
    const started = spawn(file, args, { env: env ?? process.env, detached: true, stdio: ['ignore', output, output] })
    closeSync(output)
    child = started
    guard.watch(started.pid)
    started.unref()
    const gone = (code: number | Error | null) => {
      child = undefined
      exitCode = typeof code === 'number' ? code : null
      guard.watch()
    }
    started.once('exit', gone).once('error', gone)
    await once(started, 'spawn') // rejects when the command cannot be run
    await untilHealthy(started, printedBefore)
  }

  async function untilHealthy(started: ChildProcess, printedBefore: number): Promise<void> {
    const until = Date.now() + START_TIMEOUT_MS
    while (child === started) {
      if (typeof health === 'string' ? await answers(url + health) : hasPrinted(log, printedBefore, health.prints))
        return
      if (Date.now() > until) throw new Error(`${name} was not up within ${START_TIMEOUT_MS} ms:\n${end()}`)
      await delay(POLL_MS)
    }
    throw new Error(`${name} ended while starting:\n${end()}`)
  }

  async function kill(signal: EndingSignal): Promise<number | null> {
    if (!child) return exitCode
    const ending = child
    ending.ref()
    const gone = once(ending, 'exit')
    ending.kill(signal)
    ending.kill('SIGCONT') // a paused process takes a SIGTERM only when it goes on
    const forced = setTimeout(() => ending.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await gone
    clearTimeout(forced)
    return exitCode
  }

  async function stop(): Promise<void> {
    await kill('SIGKILL') // its data is deleted: nothing is gained by a clean end
    await guard.end()
  }

  await start().catch(async error => {
    await stop()
    throw error
  })
  return {
    url,
    get pid() {
      return child?.pid
    },
    stop,
    kill,
    async restart() {
      await kill('SIGTERM')
      await start()
    },
    async pause() {
      child?.kill('SIGSTOP')
      while (child?.pid !== undefined && !isStopped(child.pid)) await delay(POLL_MS)
    },
    resume() {
      child?.kill('SIGCONT')
    },
    output: end,
    log
  }
}

/** Whether every thread is stopped (proc(5)): the signal is only on its way when kill returns. */
function isStopped(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every(thread => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')
    return /^[Tt] /.test(stat.slice(stat.lastIndexOf(')') + 2))
  })
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok
  } catch {
    return false
  }
}

const hasPrinted = (log: string, from: number, words: string): boolean => readFileSync(log).includes(words, from)
