import { expect, onTestFinished, test } from 'vitest'
import type { LogPage } from '../../src/core/search.ts'
import { folderOf } from '../run-cli.ts'
import { startProduct } from './product.ts'

const line = (text: string) => `<14>1 2026-11-24T04:29:03.785942+00:00 o.s.a app [APP/PROC/WEB/0] - - ${text}\n`

test('a file with two sinks and processors of one’s own, from the drain to both', async () => {
  const dir = folderOf({
    'my.config.ts': `
      import { defineConfig, eachLog, httpsDrain, jsonLog, localStore, routerLog, stdout } from 'culvert'
      export default defineConfig({
        ingest: [httpsDrain({ user: 'cf', password: 'p@ss' })],
        processors: [
          routerLog(),
          jsonLog(),
          eachLog('shout', log => {
            if (log.message.includes('odd')) throw new Error('too odd')
            return log.with({ message: log.message.toUpperCase() })
          })
        ],
        sinks: [
          localStore(),
          stdout({
            name: 'out',
            processors: [
              function withoutSecrets(event) {
                return event.kind === 'log' && event.message.includes('SECRET') ? undefined : event
              }
            ]
          })
        ]
      })`
  })
  const product = await startProduct(undefined, { CULVERT_CONFIG: `${dir}/my.config.ts` })
  onTestFinished(() => product.stop())
  const post = (authorization: string) =>
    fetch(`${product.http}/drain`, {
      method: 'POST',
      headers: { authorization },
      body: ['one', 'a secret', 'odd'].map(line).join('')
    })
  expect((await post('none')).status).toBe(401)
  expect((await post(`Basic ${btoa('cf:p@ss')}`)).status).toBe(204)

  const { listeners, lanes, processors, marks } = await product.until(
    status => status.lanes.length === 2 && status.lanes.every(({ ledger }) => ledger.received === 3),
    'three lines in both lanes'
  )
  expect(listeners.map(({ name }) => name)).toEqual(['http'])
  expect(lanes.map(({ name, ledger }) => [name, ledger.stored, ledger.filtered])).toEqual([
    ['local', 3, 0],
    ['out', 2, 1]
  ])
  expect(marks).toEqual({ processor_failed: 1 })
  expect(processors.map(({ name, events, failed, lastError }) => [name, events, failed, lastError])).toEqual([
    ['router-log', 3, 0, undefined],
    ['json-log', 3, 0, undefined],
    ['shout', 3, 1, 'too odd'],
    ['drain-urls', 3, 0, undefined],
    ['withoutSecrets', 3, 0, undefined]
  ])

  const page = (await (await fetch(`${product.http}/api/v1/logs`)).json()) as LogPage
  expect(page.logs.map(({ message }) => message).sort()).toEqual(['A SECRET', 'ONE', 'odd'])
  const printed = product
    .output()
    .split('\n')
    .filter(text => text.includes('"receivedAt"'))
  expect(printed.map(text => JSON.parse(text).message)).toEqual(['ONE', 'odd'])
  const metrics = await (await fetch(`${product.http}/metrics`)).text()
  expect(metrics).toContain('culvert_processor_failed_events_total{processor="shout"} 1')
}, 60_000)
