import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterEach, expect, test, vi } from 'vitest'
import type { z } from 'zod'
import { Rest } from '../../ingest/rest.ts'
import { createRoom, type Holder, type Room } from '../../ingest/room.ts'
import { createSyslog, type SyslogListener } from '../../ingest/syslog.ts'
import { syslogOptions } from '../../ingest/syslog-options.ts'
import { certificates } from '../cases/certificates.ts'
import { createMemoryJournal, createMemoryLog } from './memory-journal.ts'

const open: { listeners: SyslogListener[]; sockets: Socket[] } = { listeners: [], sockets: [] }
afterEach(async () => {
  for (const socket of open.sockets.splice(0)) socket.destroy()
  for (const listener of open.listeners.splice(0)) await listener.stop()
})

async function subject(room: Room, options: z.input<typeof syslogOptions> = {}) {
  const memory = createMemoryJournal()
  const parsed = syslogOptions.parse({ port: 0, drainMs: 0, ...options })
  const log = createMemoryLog()
  const listener = createSyslog({ options: parsed, journal: memory.journal, partitions: 1, log, room })
  open.listeners.push(listener)
  await listener.start()
  return { memory, listener, log, port: listener.status().port }
}

async function dial(port: number, secure = false): Promise<Socket> {
  const socket = secure ? connectTls({ port, host: '127.0.0.1', ca: certificates.ca }) : connect(port, '127.0.0.1')
  open.sockets.push(socket)
  socket.on('error', () => {}).resume()
  await once(socket, secure ? 'secureConnect' : 'connect')
  return socket
}

const KiB = 1024
const message = (text: string) => `<14>1 2026-11-24T04:29:03.785942+00:00 host app [APP/PROC/WEB/0] - - ${text}\n`
const counted = (text: string) => `${message(text).length} ${message(text)}`
const long = (i: number) => `${i} `.padEnd(100_000, 'x')
const half = (i: number) => counted(long(i)).slice(0, 50_000)
const otherHalf = (i: number) => counted(long(i)).slice(50_000)

test.each([
  false,
  true
])('who holds half a frame waits when room is short, and every frame comes (TLS: %s)', async secure => {
  const room = createRoom(2048 * KiB)
  const { memory, listener, port } = await subject(room, secure ? { tls: certificates.server } : {})
  const sockets = await Promise.all(Array.from({ length: 28 }, () => dial(port, secure)))
  // One after the other, or all would be read before the first waits.
  for (const [i, socket] of sockets.entries()) {
    const { usedBytes } = room.status()
    socket.write(half(i))
    await vi.waitFor(() => expect(room.status().usedBytes).toBeGreaterThan(usedBytes))
  }
  await vi.waitFor(() => expect(room.status().waits).toBeGreaterThan(0))
  for (const [i, socket] of sockets.entries()) socket.write(otherHalf(i))
  await memory.until(() => memory.frames().length === 28)
  expect(memory.frames().toSorted()).toEqual(sockets.map((_, i) => message(long(i))).toSorted())
  expect(listener.status().problems).toEqual({})
  await vi.waitFor(() => expect(room.status()).toMatchObject({ usedBytes: 0, waiting: 0 }))
})

test('a neighbour of connections that hold what there is goes on, with long frames too', async () => {
  const room = createRoom(1000 * KiB, 5)
  const { memory, listener, port } = await subject(room)
  const holders = await Promise.all(Array.from({ length: 100 }, () => dial(port)))
  const neighbour = await dial(port)
  for (const [i, socket] of holders.entries()) socket.write(half(i))
  for (let i = 0; i < 100; i++) neighbour.write(counted(`short ${i}`))
  await memory.until(() => memory.frames().length === 100)
  await vi.waitFor(() => expect(room.status()).toMatchObject({ waiting: 0 }), 5000)
  expect(room.status().usedBytes).toBeGreaterThan(600 * KiB)
  for (let i = 0; i < 5; i++) neighbour.write(counted(long(i)))
  await memory.until(() => memory.frames().length === 105)
  expect(room.status().usedBytes).toBeLessThanOrEqual(1000 * KiB)
  expect(neighbour.closed).toBe(false)
  expect(listener.status().problems['no_room']).toBeGreaterThan(0)
})

test('who holds a part of a frame and is silent is closed by the idle time-out, and its room is free', async () => {
  const room = createRoom(400 * KiB)
  const { listener, port } = await subject(room, { idleTimeoutMs: 300 })
  const sockets = await Promise.all(Array.from({ length: 6 }, () => dial(port)))
  for (const [i, socket] of sockets.entries()) socket.write(half(i))
  await vi.waitFor(() => expect(listener.status().problems['idle']).toBe(6), 5000)
  await vi.waitFor(() => expect(room.status()).toMatchObject({ usedBytes: 0, waiting: 0 }))
})

function holder(): Holder & { readonly calls: string[] } {
  const calls: string[] = []
  return { calls, goOn: () => void calls.push('go on'), refuse: () => void calls.push('refuse') }
}

test('the oldest that waits has its turn, then the next, although nobody gives room back', async () => {
  const room = createRoom(300, 1)
  const [full, a, b] = [holder(), holder(), holder()]
  expect(room.hold(full, 200)).toBe(true)
  expect(room.hold(a, 10)).toBe(false)
  expect(room.hold(b, 10)).toBe(false)
  await vi.waitFor(() => expect(a.calls).toEqual(['go on']))
  await vi.waitFor(() => expect(b.calls).toEqual(['go on']))
  expect(full.calls).toEqual([])
})

test('who was silent longest is closed where all is used up; never one that waits for us', () => {
  const room = createRoom(300)
  const [silent, busy, waiting, last] = [holder(), holder(), holder(), holder()]
  room.hold(silent, 100)
  room.hold(busy, 90)
  room.hold(waiting, 60)
  room.hold(busy, 95)
  room.hold(last, 60)
  expect([silent, busy, waiting, last].map(({ calls }) => calls)).toEqual([['refuse'], [], [], []])
  expect(room.status().usedBytes).toBe(215)
})

test('a rest is what was kept and appended, however much it is', () => {
  const room = createRoom(2 ** 20)
  const rest = new Rest(room)
  const bytes = Buffer.from(Array.from({ length: 50_000 }, (_, i) => i % 251))
  for (const step of [1, 100, 4096, 5000]) {
    rest.keep(bytes, 3, 3)
    for (let at = 0; at < bytes.length; at += step) rest.append(bytes, at, Math.min(at + step, bytes.length))
    const copy = Buffer.alloc(rest.length)
    rest.copyTo(copy, 0)
    expect(copy.equals(bytes)).toBe(true)
    rest.keep(bytes, 1000, 1000 + step)
    const kept = Buffer.alloc(step)
    rest.copyTo(kept, 0)
    expect(kept.equals(bytes.subarray(1000, 1000 + step))).toBe(true)
  }
  rest.keep(bytes, 0, 0)
  expect([rest.length, rest.heldBytes]).toEqual([0, 0])
})
