import { expect, test } from 'vitest'
import type { LogRow } from '../../src/core/plain.ts'
import { counted, laneOf, logLine, openDirectory, openProduct, sendTcp, untilDelivered } from './faults.ts'

test('a POST is safe when it is answered, and a repeated one is stored once', async () => {
  const product = await openProduct()
  const body = `${logLine('posted one')}${logLine('posted two')}`
  for (let times = 0; times < 2; times++) {
    const { status } = await fetch(`${product.http}/drain`, { method: 'POST', body })
    expect(status).toBe(204)
  }
  const status = await untilDelivered(product, 'local', 4)
  expect(laneOf(status, 'local').ledger).toMatchObject({ received: 4, stored: 2, duplicate: 2 })
})

test('with several partitions the local store has every line once, each with its own app', async () => {
  const product = await openProduct({ CULVERT_PARTITIONS: '3' })
  const apps = Array.from({ length: 480 }, (_, i) => `app-${i % 30}`)
  const lines = apps.map((app, i) => counted(logLine(`${app} says ${i}`, app)))
  const parts = [lines.slice(0, 160), lines.slice(160, 320), lines.slice(320)]
  await Promise.all(parts.map(part => sendTcp(product.syslog, part.join(''))))
  const status = await product.until(
    ({ lanes }) => lanes.reduce((sum, { ledger }) => sum + ledger.received, 0) === 480,
    'all lines'
  )
  expect(status.lanes.map(({ partition }) => partition)).toEqual([0, 1, 2])
  expect(status.lanes.every(({ ledger }) => ledger.stored === ledger.received && ledger.stored > 0)).toBe(true)
  const { logs } = JSON.parse(await (await fetch(`${product.http}/api/v1/logs?limit=500`)).text())
  const rows = logs.map((row: LogRow) => `${row.source.app} ${row.message}`).sort()
  expect(rows).toEqual(apps.map((app, i) => `${app} ${app} says ${i}`).sort())
})

test('the status says how fast frames come in and are settled', async () => {
  const product = await openProduct()
  let sent = 0
  const flows = async () => {
    await sendTcp(product.syslog, counted(logLine(`line ${sent++}`)))
    const { listeners, lanes } = await product.status()
    return [listeners[0]!.framesPerSecond > 0, laneOf({ lanes }, 'local').framesPerSecond > 0]
  }
  await expect.poll(flows, { timeout: 30_000, interval: 100 }).toEqual([true, true])
})

test('SIGTERM stops in order; what was taken waits in the journal', async () => {
  const dataDir = openDirectory()
  const product = await openProduct({ ELASTICSEARCH_URL: 'http://127.0.0.1:9' }, dataDir)
  await sendTcp(product.syslog, counted(logLine('kept')))
  await product.until(({ journal }) => journal.records === 1, 'the record')
  expect(await product.end('SIGTERM')).toBe(0)
  const again = await openProduct({}, dataDir)
  expect(laneOf(await untilDelivered(again, 'local', 1), 'local').ledger.stored).toBe(1)
})
