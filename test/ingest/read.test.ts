import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { createSharedReader, type Take } from '../../ingest/read.ts'

test('all connections of a server are read into one buffer, and its count of them stays right', async () => {
  const read = createSharedReader(16)
  const seen: { bytes: Buffer; text: string }[] = []
  const sockets: Socket[] = []
  const server = createServer({ pauseOnConnect: true }, accepted => {
    const socket = read(
      accepted,
      (bytes, from, to) => seen.push({ bytes, text: bytes.toString('latin1', from, to) }) > 0
    )
    expect(socket).not.toBe(accepted)
    sockets.push(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  for (const text of ['one', 'twenty bytes of text']) {
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1').resume()
    client.end(text)
    await once(client, 'close')
  }
  await new Promise(resolve => void server.close(resolve))
  expect(seen.map(({ text }) => text)).toEqual(['one', 'twenty bytes of ', 'text'])
  expect(new Set(seen.map(({ bytes }) => bytes)).size).toBe(1)
  expect(sockets.every(socket => socket.destroyed)).toBe(true)
})

test('without a handle it reads by events, and stops and goes on just so', async () => {
  const stream = new PassThrough()
  const seen: string[] = []
  const take: Take = (bytes, from, to) => seen.push(bytes.toString('latin1', from, to)) !== 1
  const socket = createSharedReader()(stream as unknown as Socket, take)
  stream.write('one')
  stream.write('two')
  await new Promise(setImmediate)
  expect(seen).toEqual(['one'])
  socket.resume()
  stream.end()
  await once(stream, 'end')
  expect(seen).toEqual(['one', 'two'])
})
