import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { connectionsOf, requestsOf } from '../cases/captures.ts'
import { certificates } from '../cases/certificates.ts'
import type { Product } from '../product.ts'
import { isPosted, type Run, type Transport } from './runs.ts'

/** What a client shows of itself. */
type Identity = { cert: string; key: string } | undefined

/** A connection to a port of 127.0.0.1: as the agent makes it to an address, without server name and ALPN. */
export async function open(port: number, transport: Transport, identity?: Identity): Promise<Socket> {
  const host = '127.0.0.1'
  if (transport === 'TCP') {
    const socket = connect(port, host)
    await once(socket, 'connect')
    return socket
  }
  const versions = { minVersion: transport, maxVersion: transport } as const
  const socket = connectTls({ host, port, ca: certificates.ca, ...versions, ...identity })
  await once(socket, 'secureConnect')
  return socket
}

/** Sends a capture, byte for byte, as the agent did. Resolves with the answers' statuses, none over syslog. */
export async function send(product: Product, run: Run): Promise<number[]> {
  const identity = run.capture.includes('mtls') ? certificates.client : undefined
  if (!isPosted(run)) {
    const port = run.transport === 'TCP' ? product.syslog : product.syslogTls!
    for (const bytes of connectionsOf(run.capture)) await stream(await open(port, run.transport, identity), bytes)
    return []
  }
  const port = run.transport === 'TCP' ? Number(new URL(product.http).port) : product.https!
  const socket = await open(port, run.transport, identity)
  const statuses: number[] = []
  for (const { head, body } of requestsOf(run.capture)) {
    // The path is that of the drain's URL, which one who binds the drain chooses: the aggregate drain's was another.
    socket.write(head.replace(/^POST \/agg\?/, 'POST /drain?'))
    socket.write(body)
    statuses.push(await statusOf(socket))
  }
  socket.end()
  await once(socket.resume(), 'close')
  return statuses
}

/** The agent never reads; it closes when it has written. */
async function stream(socket: Socket, bytes: Buffer): Promise<void> {
  socket.end(bytes)
  await once(socket.resume(), 'close')
}

/** The status of the next answer, once all of it is there. */
async function statusOf(socket: Socket): Promise<number> {
  let answer = ''
  for (;;) {
    const [chunk] = await once(socket, 'data', { signal: AbortSignal.timeout(20_000) })
    answer += chunk.toString('latin1')
    const [head, body] = answer.split('\r\n\r\n', 2)
    const length = Number(/^content-length: (\d+)$/im.exec(head!)?.[1] ?? 0)
    if (body?.length === length) return Number(answer.split(' ')[1])
  }
}
