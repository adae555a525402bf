import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createSender, maxWaiting, type Sender } from './sender.ts'

let sender: Sender | undefined
let server: Server | undefined
const sockets: Socket[] = []

afterEach(async () => {
  await sender?.stop()
  for (const socket of sockets.splice(0)) socket.destroy()
  if (server?.listening) await new Promise(resolve => server?.close(resolve))
})

/** Listens and collects; `received(text)` resolves when the end of what came is `text`. */
async function listen(port = 0) {
  let text = ''
  const watchers: (() => void)[] = []
  server = createServer(socket => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', chunk => {
      text += chunk
      for (const watch of watchers) watch()
    })
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  const { port: bound } = server.address() as AddressInfo
  return {
    port: bound,
    received: (end: string) =>
      new Promise<string>(resolve => {
        const watch = () => text.endsWith(end) && resolve(text)
        watchers.push(watch)
        watch()
      })
  }
}

async function close(): Promise<void> {
  for (const socket of sockets.splice(0)) socket.destroy()
  await new Promise(resolve => server?.close(resolve))
}

const ignore = { connected: () => {}, failed: () => {}, lost: () => {} }

test('frames arrive, in order, in one connection', async () => {
  const { port, received } = await listen()
  sender = createSender('127.0.0.1', port, ignore)
  for (let i = 0; i < 300; i++) sender.send(Buffer.from(`${i},`))
  expect(await received('299,')).toBe(Array.from({ length: 300 }, (_, i) => `${i},`).join(''))
  expect(sockets.length).toBe(1)
})

test('what was sent while nothing listened arrives when something does, the oldest lost and counted', async () => {
  const { port } = await listen()
  await close()
  const failures: Error[] = []
  const lost = new Promise<number>(resolve => {
    sender = createSender('127.0.0.1', port, { ...ignore, failed: error => failures.push(error), lost: resolve })
  })
  for (let i = 0; i < maxWaiting + 7; i++) sender?.send(Buffer.from(`${i},`))
  expect(sender?.unsent).toBe(maxWaiting + 7)
  const { received } = await listen(port)
  const text = await received(`${maxWaiting + 6},`)
  expect(text.startsWith('7,8,')).toBe(true)
  expect(await lost).toBe(7)
  expect(failures.length).toBeLessThanOrEqual(1)
})

test('a server that restarts is found again', async () => {
  const first = await listen()
  const failed = new Promise<Error>(resolve => {
    sender = createSender('127.0.0.1', first.port, { ...ignore, failed: resolve })
  })
  sender?.send(Buffer.from('before'))
  await first.received('before')
  await close()
  await failed
  sender?.send(Buffer.from('after'))
  const second = await listen(first.port)
  expect(await second.received('after')).toBe('after')
})
