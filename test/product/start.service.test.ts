import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { certificates } from '../cases/certificates.ts'
import { freePort } from '../services/port.ts'
import { openDirectory, openProduct } from './faults.ts'

const cli = join(import.meta.dirname, '../..', 'src', 'cli.ts')

interface Ended {
  readonly code: number | null
  /** Lines on standard error. */
  readonly errors: readonly string[]
}

/** Runs the product until it ends by itself. */
async function run(env: Readonly<Record<string, string>>): Promise<Ended> {
  const ports = { PORT: `${await freePort()}`, CULVERT_SYSLOG_PORT: `${await freePort()}` }
  const child = spawn(process.execPath, [cli, 'run'], {
    env: { PATH: process.env.PATH, ...ports, ...env },
    stdio: ['ignore', 'ignore', 'pipe']
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const [code] = await once(child, 'close')
  return { code, errors: output.trimEnd().split('\n') }
}

test('a second process on the same data directory ends with one line, and the first goes on', async () => {
  const dataDir = openDirectory()
  const first = await openProduct({}, dataDir)
  expect(await run({ CULVERT_DATA_DIR: dataDir })).toEqual({
    code: 1,
    errors: [
      `culvert: Another process uses the data directory ${dataDir}.`,
      '  Another Culvert process uses this data directory: stop it, or set CULVERT_DATA_DIR to another one.'
    ]
  })
  await first.until(({ ready }) => ready, 'the first process, unharmed')
  await first.kill('SIGKILL')
  await first.restart() // what a killed process held is free
})

test.each([
  'PORT',
  'CULVERT_SYSLOG_PORT',
  'CULVERT_SYSLOG_TLS_PORT',
  'CULVERT_HTTPS_PORT'
])('%s is taken: one line names setting and port', async setting => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  const { cert, key } = certificates.server
  const tlsPorts = { CULVERT_SYSLOG_TLS_PORT: `${await freePort()}`, CULVERT_HTTPS_PORT: `${await freePort()}` }
  const tls = { CULVERT_TLS_CERT: cert, CULVERT_TLS_KEY: key, ...tlsPorts }
  expect(await run({ CULVERT_DATA_DIR: openDirectory(), ...tls, [setting]: `${port}` })).toEqual({
    code: 1,
    errors: [
      `culvert: ${setting}: port ${port} of 127.0.0.1 is taken by another process.`,
      '  Another process listens on this port: stop it, or choose another port.'
    ]
  })
})

test('a data directory that cannot be made ends it with one line', async () => {
  const file = join(openDirectory(), 'file')
  writeFileSync(file, '')
  for (const dataDir of [file, join(file, 'below', 'data'), '/proc/culvert/data']) {
    const { code, errors } = await run({ CULVERT_DATA_DIR: dataDir })
    expect({ code, errors }).toEqual({
      code: 1,
      errors: [
        expect.stringContaining(`culvert: The data directory ${dataDir} cannot be used: E`),
        '  Make the data directory writable, or set CULVERT_DATA_DIR to one that is.'
      ]
    })
  }
})

test('a wrong configuration ends it with 78 before it opens anything, and says all that is wrong at once', async () => {
  const dataDir = join(openDirectory(), 'data')
  const wrong = {
    CULVERT_DATA_DIR: dataDir,
    CULVERT_SYSLOG_PORT: '5514x',
    CULVERT_JOURNAL_SYNC: 'sometimes',
    CULVERT_MAX_BODY_BYTES: '1 GiB',
    CULVERT_PARTITION: '2',
    CULVERT_TOKEN: 'short',
    INFLUXDB_URL: 'http://127.0.0.1:8086'
  }
  expect(await run(wrong)).toEqual({
    code: 78,
    errors: [
      'culvert: The configuration is not valid:',
      '  CULVERT_TOKEN: its value is not allowed; it may be at least 8 printable characters without spaces',
      "  CULVERT_MAX_BODY_BYTES: '1 GiB' is not allowed; it may be a size from 64 KiB to 8 MiB, written like '4 MiB'",
      "  CULVERT_SYSLOG_PORT: '5514x' is not allowed; it may be a port from 0 to 65535 (0 takes any free one)",
      "  CULVERT_JOURNAL_SYNC: 'sometimes' is not allowed; it may be one of always, never",
      '  CULVERT_PARTITION: there is no such setting; did you mean CULVERT_PARTITIONS?',
      '  INFLUXDB_TOKEN, INFLUXDB_ORG, INFLUXDB_BUCKET: missing, and INFLUXDB_URL needs it',
      '  Correct the named setting; `docs/configuration.md` lists what is allowed.'
    ]
  })
  expect(existsSync(dataDir)).toBe(false)
})

test('off loopback without credentials it does not start', async () => {
  const { code, errors } = await run({ CULVERT_HOST: '0.0.0.0', CULVERT_DATA_DIR: openDirectory() })
  expect({ code, named: errors.slice(1, 3).map(line => line.trim().split(':')[0]) }).toEqual({
    code: 78,
    named: ['CULVERT_TOKEN', 'CULVERT_DRAIN_USER and CULVERT_DRAIN_PASSWORD']
  })
  expect(errors).toHaveLength(4)
})
