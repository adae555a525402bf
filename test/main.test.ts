import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import type { ListenerStatus } from '../src/core/status.ts'
import { startCulvert } from '../src/main.ts'
import { createLog } from '../src/telemetry/log.ts'
import { makeCertificates } from './config/certificates.ts'

const line = '<14>1 2026-11-24T04:29:03.785942+00:00 o.s.a app [APP/PROC/WEB/0] - - hello\n'

/** All of Culvert in this process, on free ports. */
async function open(env: Readonly<Record<string, string>> = {}, stdin?: NodeJS.ReadableStream) {
  const dataDir = mkdtempSync(join(tmpdir(), 'culvert-main-'))
  const culvert = await startCulvert({
    env: { PORT: '0', CULVERT_SYSLOG_PORT: '0', CULVERT_DATA_DIR: dataDir, ...env },
    log: createLog({ level: 'silent', terminal: false }),
    version: '0.1.0',
    ...(stdin === undefined ? {} : { stdin })
  })
  onTestFinished(async () => {
    await culvert.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })
  const url = `http://127.0.0.1:${culvert.addresses.http.port}`
  const listeners = async () => (await culvert.status()).listeners
  return { culvert, url, listeners }
}

const frames = (listeners: readonly ListenerStatus[]) => listeners.map(({ name, frames }) => [name, frames])

test('a POST in the clear counts for http, lines of standard input for stdin', async () => {
  const stdin = new PassThrough()
  const { culvert, url, listeners } = await open({}, stdin)
  expect((await fetch(`${url}/drain`, { method: 'POST', body: line })).status).toBe(204)
  stdin.write(`${line}${line}`)
  await expect
    .poll(async () => frames(await listeners()))
    .toEqual([
      ['syslog', 0],
      ['http', 1],
      ['stdin', 2]
    ])
  expect((await listeners())[1]).toMatchObject(culvert.addresses.http)
  const metrics = await (await fetch(`${url}/metrics`)).text()
  expect(metrics).toContain('culvert_listener_frames_total{listener="http"} 1')
  expect(metrics).toContain('culvert_listener_frames_total{listener="stdin"} 2')
})

test('with a certificate both HTTP ports are told apart', async () => {
  const { server, remove } = makeCertificates()
  onTestFinished(remove)
  const { culvert, url, listeners } = await open({
    CULVERT_TLS_CERT: server.cert,
    CULVERT_TLS_KEY: server.key,
    CULVERT_SYSLOG_TLS_PORT: '0',
    CULVERT_HTTPS_PORT: '0'
  })
  await fetch(`${url}/drain`, { method: 'POST', body: line })
  expect(frames(await listeners())).toEqual([
    ['syslog', 0],
    ['syslog-tls', 0],
    ['http', 1],
    ['https', 0]
  ])
  expect((await listeners())[3]).toMatchObject(culvert.addresses.https!)
})

test('what was kept although something was wrong with it is counted by mark', async () => {
  const { culvert, url } = await open()
  await fetch(`${url}/drain`, { method: 'POST', body: 'no syslog at all\n' })
  await expect.poll(async () => (await culvert.status()).marks, { timeout: 10_000 }).toEqual({ unparsed: 1 })
})
