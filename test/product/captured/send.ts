import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { countedFramesOf, requestsOf } from '../../cases/captures.ts'
import { certificates } from '../../cases/certificates.ts'
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
  return isPosted(run) ? await post(product, run, identity) : await stream(product, run, identity)
}

/** The agent writes message by message, never reads, and closes. */
async function stream(product: Product, { capture, transport }: Run, identity: Identity): Promise<number[]> {
  const socket = await open(transport === 'TCP' ? product.syslog : product.syslogTls!, transport, identity)
  for (const frame of countedFramesOf(capture)) await write(socket, frame)
  socket.end()
  await once(socket.resume(), 'close')
  return []
}

/** Resolves when the system has the bytes, so that each write may arrive by itself. */
const write = (socket: Socket, bytes: Buffer): Promise<void> =>
  new Promise((resolve, reject) => socket.write(bytes, error => (error ? reject(error) : resolve())))

/** On one connection that is kept alive, each POST after the answer to the one before it. */
async function post(product: Product, { capture, transport }: Run, identity: Identity): Promise<number[]> {
  const port = transport === 'TCP' ? Number(new URL(product.http).port) : product.https!
  const socket = await open(port, transport, identity)
  const requests = requestsOf(capture)
  const next = (): void => {
    const request = requests.shift()
    if (request === undefined) return void socket.end()
    // The path is that of the drain's URL, which one who binds the drain chooses: the aggregate drain's was another.
    socket.write(request.head.replace(/^POST \/agg\?/, 'POST /drain?'))
    socket.write(request.body)
  }
  const statuses: number[] = []
  next()
  for await (const status of answersIn(socket)) {
    statuses.push(status)
    next()
  }
  return statuses
}

/** The status of each answer, once all of it is there; until the connection ends. */
async function* answersIn(socket: Socket): AsyncGenerator<number> {
  let answer = ''
  for await (const chunk of socket) {
    answer += chunk.toString('latin1')
    const [head = '', body] = answer.split('\r\n\r\n', 2)
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0)
    if (body?.length !== length) continue
    yield Number(head.split(' ')[1])
    answer = ''
  }
}
