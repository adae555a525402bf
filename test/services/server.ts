import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
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

/** A real server of a test's own, on loopback. It is gone, with its data, when the process that started it is, however that ends. */
export interface Server {
  readonly url: string
  /** Changes with `restart`; undefined while the process is down. */
  readonly pid: number | undefined
  /** Ends the process and deletes its data. Safe to call twice. */
  stop(): Promise<void>
  /** Sends a signal that ends the process, and waits until it is gone. The data stays, for `restart`. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Starts the process again on the same port with the same data, after a clean end if it is still up. */
  restart(): Promise<void>
  /** Stops the process in its tracks: connections are accepted by the system and never answered. */
  pause(): void
  resume(): void
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
  /** The path that answers with a status below 300 once the server can be used. */
  health: string
}

/** Starts a server and waits until it answers. Throws with the end of its log when it does not. */
export async function startServer({ name, command, health }: ServerOptions): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), `culvert-${name}-`))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const guard = createGuard(folder)
  const log = join(folder, 'log')
  let child: ChildProcess | undefined

  async function start(): Promise<void> {
    const { command: file, args, env } = command(port, folder)
    const output = openSync(log, 'a')
    const started = spawn(file, args, { env: env ?? process.env, detached: true, stdio: ['ignore', output, output] })
    closeSync(output)
    child = started
    guard.watch(started.pid)
    started.unref()
    const gone = () => {
      child = undefined
      guard.watch()
    }
    started.once('exit', gone).once('error', gone)
    await once(started, 'spawn') // rejects when the command cannot be run
    await untilHealthy(started)
  }

  async function untilHealthy(started: ChildProcess): Promise<void> {
    const until = Date.now() + START_TIMEOUT_MS
    while (child === started) {
      if (await answers(url + health)) return
      if (Date.now() > until) throw new Error(`${name} did not answer within ${START_TIMEOUT_MS} ms:\n${end(log)}`)
      await delay(POLL_MS)
    }
    throw new Error(`${name} ended while starting:\n${end(log)}`)
  }

  async function kill(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (!child) return
    const ending = child
    ending.ref()
    const gone = once(ending, 'exit')
    ending.kill(signal)
    ending.kill('SIGCONT') // a paused process takes a SIGTERM only when it goes on
    const forced = setTimeout(() => ending.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await gone
    clearTimeout(forced)
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
    pause() {
      child?.kill('SIGSTOP')
    },
    resume() {
      child?.kill('SIGCONT')
    }
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok
  } catch {
    return false
  }
}

function end(log: string): string {
  return readFileSync(log, 'utf8').slice(-LOG_KEPT)
}
