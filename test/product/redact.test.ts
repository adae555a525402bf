import { expect, onTestFinished, test } from 'vitest'
import { folderOf } from '../run-cli.ts'
import { startProduct } from './product.ts'

const line = (type: string, text: string) =>
  `<14>1 2026-11-24T04:29:03.785942+00:00 o.s.a app [${type}/0] - - ${text}\n`

test('with redact() in the file no store, answer or live tail has a secret', async () => {
  const dir = folderOf({
    'my.config.ts': `
      import { defineConfig, jsonLog, localStore, redact, routerLog, stdout } from 'culvert'
      export default defineConfig({
        processors: [routerLog(), jsonLog(), redact({ with: '[gone]' })],
        sinks: [localStore(), stdout()]
      })`
  })
  const product = await startProduct(undefined, { CULVERT_CONFIG: `${dir}/my.config.ts` })
  onTestFinished(() => product.stop())
  const leaving = new AbortController()
  const tail = await fetch(`${product.http}/api/v1/tail`, { signal: leaving.signal })
  const lines = [
    line('APP/PROC/WEB', '{"message":"in","user":"jane","password":"hunter2"}'),
    line('APP/PROC/WEB', 'GET https://jane:hunter2@example.com/ done'),
    line('LGR', 'Failed to connect to syslog://jane:hunter2@example.com?x=hunter2')
  ]
  expect((await fetch(`${product.http}/drain`, { method: 'POST', body: lines.join('') })).status).toBe(204)
  const { marks } = await product.until(
    status => status.lanes.length === 2 && status.lanes.every(({ ledger }) => ledger.stored === 3),
    'three lines in both stores'
  )
  expect(marks).toEqual({ redacted: 3 })

  let seen = ''
  for await (const chunk of tail.body!.pipeThrough(new TextDecoderStream())) {
    seen += chunk
    if (seen.includes('Failed to connect')) break
  }
  leaving.abort()
  const stored = await (await fetch(`${product.http}/api/v1/logs`)).text()
  for (const text of [seen, stored, product.output()]) {
    expect(text).toContain('"password":"[gone]"')
    expect(text).toContain('GET https://[gone]@example.com/ done')
    expect(text).toContain('Failed to connect to syslog://example.com"')
    expect(text).not.toContain('hunter2')
  }
}, 60_000)
