import { randomUUID } from 'node:crypto'
import { BroadcastChannel } from 'node:worker_threads'
import { expect, type TestContext } from 'vitest'
import type { LogPage } from '../../src/core/search.ts'
import type { Status } from '../../src/core/status.ts'
import { startCulvert } from '../../src/main.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { temporaryDirectory } from '../product/product.ts'

interface LogLine {
  readonly msg: string
  readonly restarts: number
  readonly waitMs: number
}
const failed = 'The delivery worker failed and is started again; nothing acknowledged is lost.'

/** Our log; `onFailure` gets what is said of a worker that died. */
export const listeningLog = (onFailure: (line: LogLine) => void) =>
  createLog({
    level: 'error',
    terminal: false,
    destination: {
      write(text: string) {
        const line = JSON.parse(text)
        if (line.msg === failed) onFailure(line)
      }
    }
  })

const heapMegabytes = 48
const timeout = 20_000

/** All of Culvert in this process, with a worker that fails when it is told to. */
export async function openCulvert({ onTestFinished }: TestContext, env: Readonly<Record<string, string>> = {}) {
  const { path, remove } = temporaryDirectory()
  const channel = new BroadcastChannel(randomUUID())
  const said = new Set<Promise<unknown>>()
  const culvert = await startCulvert({
    env: { PORT: '0', CULVERT_SYSLOG_PORT: '0', CULVERT_DATA_DIR: path, FAILURES: channel.name, ...env },
    log: listeningLog(() => said.add(ask('health/ready'))),
    version: '0.1.0',
    worker: {
      module: new URL('./failing-worker.ts', import.meta.url),
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes }
    }
  })
  onTestFinished(async () => {
    channel.close()
    await culvert.stop()
    remove()
  })
  const url = `http://127.0.0.1:${culvert.addresses.http.port}`
  async function ask(path: string): Promise<unknown> {
    const answer = await fetch(`${url}/${path}`)
    return path === 'metrics' ? answer.text() : answer.json()
  }

  return {
    ask,
    /** What readiness said, each time that the worker had died. */
    readiness: () => Promise.all(said),
    fail: (how: string) => channel.postMessage(how),
    async post(texts: readonly string[]): Promise<void> {
      const body = texts.map(text => `<14>1 2026-11-24T04:29:03.785942+00:00 o.s.a app [APP/PROC/WEB/0] - - ${text}\n`)
      const { status } = await fetch(`${url}/drain`, { method: 'POST', body: body.join('') })
      expect(status).toBe(204)
    },
    async until(condition: (status: Status) => boolean): Promise<Status> {
      let status = await culvert.status()
      await expect.poll(async () => condition((status = await culvert.status())), { timeout }).toBe(true)
      return status
    },
    async stored(): Promise<string[]> {
      const { logs } = (await ask('api/v1/logs?limit=500')) as LogPage
      return logs.map(({ message }) => message).sort()
    }
  }
}
