import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { z } from 'zod'
import { createSyslog, type SyslogListener } from '../../ingest/syslog.ts'
import { syslogOptions } from '../../ingest/syslog-options.ts'
import { explainHandshake } from '../../ingest/syslog-servers.ts'
import { connectionsOf, framesOf, syslogCaptures } from '../cases/captures.ts'
import { certificates } from '../cases/certificates.ts'
import { createMemoryJournal, createMemoryLog } from './memory-journal.ts'

const { ca, server, client, strangeClient } = certificates
const open: { listeners: SyslogListener[]; sockets: Socket[] } = { listeners: [], sockets: [] }
afterEach(async () => {
  for (const socket of open.sockets.splice(0)) socket.destroy()
  for (const listener of open.listeners.splice(0)) await listener.stop()
})

async function subject(options: z.input<typeof syslogOptions> = {}, partitions = 1) {
  const memory = createMemoryJournal()
  const log = createMemoryLog()
  const parsed = syslogOptions.parse({ port: 0, drainMs: 0, ...options })
  const listener = createSyslog({ options: parsed, journal: memory.journal, partitions, log })
  open.listeners.push(listener)
  await listener.start()
  return { memory, log, listener, port: listener.status().port }
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  open.sockets.push(socket)
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

function dialTls(port: number, options: ConnectionOptions = {}): Socket {
  const socket = connectTls({ port, host: '127.0.0.1', ca, ...options })
  open.sockets.push(socket)
  socket.on('error', () => {})
  return socket
}

/** Not `once` of node:events, which rejects at an error; a close follows that. */
const closed = (socket: Socket): Promise<void> =>
  socket.closed ? Promise.resolve() : new Promise(resolve => void socket.once('close', () => resolve()))
const texts = (frames: readonly Buffer[]) => frames.map(frame => frame.toString('latin1'))
const message = (text: string) => `<14>1 2026-11-24T04:29:03.785942+00:00 host app [APP/PROC/WEB/0] - - ${text}\n`
const counted = (text: string) => `${message(text).length} ${message(text)}`

describe('what the agent sent arrives, frame by frame and byte by byte', () => {
  for (const name of syslogCaptures) {
    const secure = name.includes('tls')
    const mutual = name.includes('mtls')
    for (const version of secure ? (['TLSv1.2', 'TLSv1.3'] as const) : (['plain'] as const))
      test(`${name}, ${version}`, async () => {
        const tls = secure ? { tls: { ...server, ...(mutual && { clientCa: ca }) } } : {}
        const { memory, listener, port } = await subject(tls)
        const [bytes] = connectionsOf(name)
        const socket =
          version === 'plain'
            ? await dial(port)
            : dialTls(port, { minVersion: version, maxVersion: version, ...(mutual && client) })
        socket.end(bytes)
        await memory.until(() => memory.frames().length === framesOf(name).length)
        await closed(socket)
        expect(memory.frames()).toEqual(texts(framesOf(name)))
        await vi.waitFor(() => expect(listener.status().connections).toBe(0))
        const { name: listenerName, frames, bytes: received, problems } = listener.status()
        expect({ listenerName, frames, received, problems }).toEqual({
          listenerName: secure ? 'syslog-tls' : 'syslog',
          frames: framesOf(name).length,
          received: bytes!.length,
          problems: {}
        })
      })
  }
})

test('a connection that sends bad input does not hurt its neighbours', async () => {
  const { memory, listener, port } = await subject({ maxFrameBytes: 1024 })
  const [good, bad] = [await dial(port), await dial(port)]
  const long = 'x'.repeat(5000)
  const steps = [
    ['a malformed frame', 'what is this?\n'],
    ['an oversize frame', counted(long)],
    ['an oversize line', message(long)],
    ['a count too small', `40 ${message('small')}`],
    ['a count too large', `${message('large').length + 7} ${message('large')}`],
    ['NUL and bytes that are no UTF-8', Buffer.from(counted('a\0b\xff'), 'latin1')],
    ['JSON with line feeds', counted('{"a":\n"b"}')],
    ['nothing but line feeds', '\n\n\r\n']
  ] as const
  for (const [what, bytes] of steps) {
    bad.write(bytes)
    bad.write(counted(`after ${what}`))
    good.write(counted(`beside ${what}`))
    await memory.until(() => memory.frames().some(frame => frame.includes(`beside ${what}\n`)))
  }
  bad.end(counted('the last, unfinished').slice(0, 60))
  await closed(bad)
  await memory.until(() =>
    steps.every(([what]) => memory.frames().some(frame => frame.startsWith(message(`after ${what}`))))
  )
  expect(memory.frames().filter(frame => frame.includes('beside'))).toEqual(
    steps.map(([what]) => message(`beside ${what}`))
  )
  await vi.waitFor(() =>
    expect(listener.status().problems).toEqual({ malformed: 2, truncated: 2, resynchronised: 2, unfinished: 1 })
  )
})

test('when the journal stands still reading stops; when it goes on everything comes, in order', async () => {
  const { memory, listener, port } = await subject()
  const go = memory.hold()
  const socket = await dial(port)
  const line = 'x'.repeat(50_000)
  const total = 400
  let sent = 0
  const send = () => {
    while (sent < total && socket.write(counted(`${sent} ${line}`))) sent++
    if (sent < total) sent++
  }
  socket.on('drain', send)
  send()
  await memory.until(() => memory.waiting === 4)
  const read = listener.status().bytes
  expect(read).toBeLessThan(6_000_000)
  const other = await dial(port)
  other.write(counted('from a neighbour'))
  go()
  await memory.until(() => memory.frames().length === total + 1)
  const own = memory.frames().filter(frame => !frame.includes('neighbour'))
  expect(own.map(frame => Number(/- - (\d+) /.exec(frame)![1]))).toEqual(Array.from({ length: total }, (_, i) => i))
  expect(memory.frames()).toContain(message('from a neighbour'))
})

test('a TLS hello on the plain port is said once, counted, and closed', async () => {
  const { log, listener, port } = await subject()
  for (let i = 0; i < 2; i++) await closed(dialTls(port))
  expect(listener.status().problems).toEqual({ tls_on_plain_port: 2 })
  expect(log.lines.map(line => [line.level, line.sentence])).toEqual([
    ['warn', 'A sender spoke TLS to the plain syslog port: its drain URL wants syslog://, or the TLS port.']
  ])
})

test('HTTP on the plain port is said once, counted, and closed', async () => {
  const { log, listener, port } = await subject()
  const socket = await dial(port)
  socket.end('POST /drain HTTP/1.1\r\nHost: a\r\n\r\n')
  await closed(socket)
  expect(listener.status()).toMatchObject({ problems: { http_on_plain_port: 1 }, frames: 0 })
  expect(log.lines.length).toBe(1)
})

test('HTTP within TLS on the TLS port is counted too', async () => {
  const { listener, port } = await subject({ tls: server })
  const socket = dialTls(port)
  socket.write('POST /drain HTTP/1.1\r\nHost: a\r\n\r\n')
  await closed(socket)
  expect(listener.status()).toMatchObject({ problems: { http_on_tls_port: 1 }, frames: 0 })
})

describe('a handshake that fails is counted and said in plain words', () => {
  const cases: [string, ConnectionOptions, RegExp][] = [
    ['no client certificate', {}, /no client certificate/],
    ['a client certificate of another authority', strangeClient, /not of the authority/],
    [
      'TLS 1.1',
      { ...client, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' },
      /no TLS version/
    ]
  ]
  test.each(cases)('%s', async (_, options, sentence) => {
    const { log, listener, port } = await subject({ tls: { ...server, clientCa: ca } })
    const socket = dialTls(port, options)
    socket.write(counted('never'))
    await closed(socket)
    await vi.waitFor(() => expect(listener.status().problems).toEqual({ tls_handshake: 1 }))
    expect(log.lines.map(line => line.sentence)).toEqual([expect.stringMatching(sentence)])
    expect(listener.status().frames).toBe(0)
  })

  test('a sender that does not trust ours', () => {
    const sentence = 'A sender does not accept our certificate: it must trust its authority, and the name must fit.'
    for (const code of ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE'])
      expect(explainHandshake(Object.assign(new Error('alert'), { code }))).toBe(sentence)
  })

  test('plain syslog on the TLS port', async () => {
    const { log, listener, port } = await subject({ tls: server })
    const socket = await dial(port)
    socket.write(counted('plain'))
    await closed(socket)
    expect(listener.status().problems).toEqual({ tls_handshake: 1 })
    expect(log.lines.map(line => line.sentence)).toEqual([expect.stringMatching(/plain TCP to the syslog TLS port/)])
  })

  test('a look whether we live is not said', async () => {
    const { log, listener, port } = await subject({ tls: server })
    const socket = await dial(port)
    socket.destroy()
    await vi.waitFor(() => expect(listener.status().problems).toEqual({ tls_handshake: 1 }))
    expect(log.lines).toEqual([])
  })
})

test('an idle connection is closed by a reset, so that the agent notices, and counted', async () => {
  const { listener, port } = await subject({ idleTimeoutMs: 20 })
  const socket = connect(port, '127.0.0.1')
  const [error] = await once(socket, 'error')
  expect(error).toMatchObject({ code: 'ECONNRESET' })
  await vi.waitFor(() => expect(listener.status()).toMatchObject({ connections: 0, problems: { idle: 1 } }))
})

test('a connection that waits for the journal is not idle', async () => {
  const { memory, listener, port } = await subject({ idleTimeoutMs: 500 })
  const go = memory.hold()
  const socket = await dial(port)
  const line = 'x'.repeat(100_000)
  for (let i = 0; i < 80; i++) socket.write(counted(`${i} ${line}`))
  await memory.until(() => memory.waiting === 4)
  const quiet = await dial(port)
  await closed(quiet)
  await vi.waitFor(() => expect(listener.status()).toMatchObject({ connections: 1, problems: { idle: 1 } }))
  go()
  await memory.until(() => memory.frames().length === 80)
})

test('more than maxConnections are refused and counted', async () => {
  const { listener, port } = await subject({ maxConnections: 1 })
  await dial(port)
  await vi.waitFor(() => expect(listener.status().connections).toBe(1))
  const second = connect(port, '127.0.0.1').on('error', () => {})
  await closed(second)
  expect(listener.status()).toMatchObject({ connections: 1, problems: { refused: 1 } })
  open.sockets.shift()!.destroy()
  await vi.waitFor(() => expect(listener.status().connections).toBe(0))
  const third = await dial(port)
  third.write(counted('third'))
  await vi.waitFor(() => expect(listener.status().frames).toBe(1))
})

test('a taken port is one clear error', async () => {
  const { port } = await subject()
  const options = syslogOptions.parse({ port })
  const second = createSyslog({
    options,
    journal: createMemoryJournal().journal,
    partitions: 1,
    log: createMemoryLog()
  })
  await expect(second.start()).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: expect.stringContaining(String(port))
  })
  await second.stop()
})

test('a certificate that is none is wrong configuration', async () => {
  await expect(subject({ tls: { cert: 'x', key: 'y' } })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})

test('options say what is wrong with them', () => {
  expect(syslogOptions.safeParse({ prot: 1 }).error?.issues[0]).toMatchObject({
    code: 'unrecognized_keys',
    keys: ['prot']
  })
  for (const schema of Object.values(syslogOptions.shape)) expect(schema.description).toMatch(/\.$/)
})

test('stop reads on for a while, then closes by a reset, and what was whole is safe', async () => {
  const { memory, listener, port } = await subject({ drainMs: 60 })
  const [done, half] = [await dial(port), await dial(port)]
  half.write(counted('before'))
  await memory.until(() => memory.frames().length === 1)
  const stopped = listener.stop()
  half.write(counted('while stopping') + counted('unfinished').slice(0, 50))
  done.end(counted('ends by itself'))
  await expect(dial(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  const [error] = await once(half, 'error')
  expect(error).toMatchObject({ code: 'ECONNRESET' })
  await stopped
  expect(memory.frames().toSorted()).toEqual(['before', 'ends by itself', 'while stopping'].map(message))
  expect(listener.status()).toMatchObject({ connections: 0, problems: { unfinished: 1 } })
  await listener.stop()
})

test('stop closes TLS connections too, also those in their handshake', async () => {
  const { memory, listener, port } = await subject({ tls: server })
  const [handshake, secure] = [await dial(port), dialTls(port)]
  secure.write(counted('over TLS'))
  await memory.until(() => memory.frames().length === 1)
  await Promise.all([listener.stop(), closed(handshake), closed(secure)])
  await vi.waitFor(() => expect(listener.status().connections).toBe(0))
})
